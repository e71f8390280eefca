//! Tests of cards and payment by invoice.

use elastis_billing::{CardId, ElastisBilling, SecretString};
use hostkit_simulator::Fault;

use crate::{FIRST, FOREIGN, SECOND, simulated};

const SEEDED: CardId = CardId::new(6);

fn token(token: &str) -> SecretString {
    SecretString::from(token)
}

#[tokio::test]
async fn only_one_card_is_the_primary_card() {
    let (_simulator, elastis) = simulated().await;
    let cards = elastis.cards();
    let second = cards.add(FIRST, token("tok_mastercard")).await.unwrap();
    assert!(second.is_verified && !second.is_primary);
    cards.set_primary(second.id).await.unwrap();
    let primary: Vec<_> =
        cards.list(FIRST).await.unwrap().into_iter().filter(|card| card.is_primary).collect();
    assert_eq!(primary.iter().map(|card| card.id).collect::<Vec<_>>(), [second.id]);
    let account = elastis.billing_accounts().get(FIRST).await.unwrap();
    assert_eq!(account.primary_card.unwrap().last4.as_deref(), Some("4444"));
}

#[tokio::test]
async fn a_card_that_is_not_verified_cannot_become_primary() {
    let (_simulator, elastis) = simulated().await;
    let card = elastis.cards().add(FIRST, token("tok_unverified")).await.unwrap();
    let refused = elastis.cards().set_primary(card.id).await.unwrap_err();
    assert!(refused.is_conflict() && refused.message().contains("not verified"), "{refused}");
}

#[tokio::test]
async fn the_next_card_replaces_a_deleted_primary_card() {
    let (_simulator, elastis) = simulated().await;
    let cards = elastis.cards();
    let next = cards.add(FIRST, token("tok_visa")).await.unwrap().id;
    cards.delete(SEEDED).await.unwrap();
    assert!(cards.get(next).await.unwrap().is_primary);
    assert!(cards.get(SEEDED).await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn an_account_has_no_primary_card_until_a_card_is_added() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    assert!(accounts.get(SECOND).await.unwrap().primary_card.is_none());
    elastis.cards().add(SECOND, token("tok_amex")).await.unwrap();
    let card = accounts.get(SECOND).await.unwrap().primary_card.unwrap();
    assert_eq!((card.last4.as_deref(), card.expire_month), (Some("8431"), Some(12)));
}

#[tokio::test]
async fn no_error_contains_the_token_even_if_the_provider_echoes_it() {
    let (simulator, elastis) = simulated().await;
    let canary = "tok_declined_canary";
    let declined = elastis.cards().add(FIRST, token(canary)).await.unwrap_err();
    assert!(declined.is_conflict() && declined.message().contains("declined"), "{declined}");
    let echo = format!(r#"{{"errors": {{"token": "Invalid token {canary}"}}}}"#);
    simulator.fail("card.add", Fault::response(400, echo));
    let echoed = elastis.cards().add(FIRST, token(canary)).await.unwrap_err();
    for error in [declined, echoed] {
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    assert_eq!(elastis.cards().list(FIRST).await.unwrap().len(), 1, "a declined card is not kept");
}

#[tokio::test]
async fn no_card_is_added_to_another_users_account() {
    let (_simulator, elastis) = simulated().await;
    assert!(elastis.cards().add(FOREIGN, token("tok_visa")).await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn payment_by_invoice_needs_verification() {
    let (_simulator, elastis) = simulated().await;
    let applied = elastis.billing_accounts().apply_for_invoice_payment(FIRST).await.unwrap();
    assert_eq!((applied.identifier.as_deref(), applied.deleted), (Some("N/A"), Some(false)));
    assert!(!applied.is_verified && !applied.is_primary);
    assert!(elastis.cards().list(FIRST).await.unwrap().iter().any(|card| card.id == applied.id));
}
