//! Creates whose response is lost.

use elastis_core::http_core::recovery::Certainty;
use elastis_network::{BillingAccountId, ElastisNetwork, NewFloatingIp, NewLoadBalancer};
use hostkit_simulator::Fault;

use crate::start;

#[tokio::test(start_paused = true)]
async fn what_is_created_is_found_when_the_response_is_lost() {
    for fault in [Fault::ResetAfter, Fault::GatewayTimeout, Fault::TruncatedBody] {
        let (simulator, elastis) = start().await;
        for name in ["network.create", "floating_ip.create", "load_balancer.create"] {
            simulator.fail(name, fault.clone());
        }
        let account = BillingAccountId::new(simulator.elastis().billing_accounts[0]);
        let network = elastis.networks().create("inner").recover().await.unwrap();
        assert_eq!((network.value.name.as_str(), network.certainty), ("inner", Certainty::Likely));
        let ip = elastis.floating_ips().create(NewFloatingIp::new(account)).recover().await.unwrap();
        assert_eq!(elastis.floating_ips().list().await.unwrap()[0].address, ip.value.address);
        let noted = elastis.load_balancers().create(NewLoadBalancer::new()).recover().note().await.unwrap();
        let ticket = noted.ticket().clone();
        let balancer = noted.await.unwrap().value;
        assert_eq!(elastis.load_balancers().find_created(&ticket).await.unwrap().value.uuid, balancer.uuid);
        let books = simulator.books();
        assert_eq!((books.created("network"), books.created("load_balancer")), (1, 1), "{fault:?}");
        assert_eq!(elastis.networks().ensure("inner").await.unwrap().into_value().uuid, network.value.uuid);
    }
}
