//! Calls whose response is judged while it is decoded.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;
use crate::client::Verdict;

/// Accepts every body without an error.
struct Silent {
    presumes: bool,
}

impl Dialect for Silent {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn presumes_success(&self, _: Effect, _: &Response) -> bool {
        self.presumes
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        if Verdict::of(response.body()) == Verdict::Silent {
            return Ok(response.body().clone());
        }
        Err(ErrorResponse::new(response.status(), "denied"))
    }
}

/// A client that presumes every response to be a success, and one that presumes none.
static SILENT: LazyLock<[Transport; 2]> = LazyLock::new(|| {
    [true, false].map(|presumes| {
        let dialect = Ok(Silent { presumes });
        let builder = Builder::new("http://127.0.0.1:9", "test", dialect, |transport: Transport| transport);
        builder.no_proxy().build().unwrap()
    })
});

fn members() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let keys = [
        "name",
        "status",
        "\\u0073tatus",
        "Status",
        "part",
        "parts",
        "id",
        "uuid",
        "success",
        "SUCCESS",
        "ok",
        "error",
        "errors",
        "err\\u006fr",
        "detail",
        "code",
        "message",
        "result",
        "other",
    ];
    let values = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.5",
        "-1.5",
        "404",
        "200",
        r#""""#,
        r#""ok""#,
        r#""FAILED""#,
        r#""\ud800""#,
        "1e999",
        r#""x is locked""#,
        r#""fail\u0065d""#,
        r#""5""#,
        "{}",
        "[]",
        r#"{"name": "x"}"#,
        r#"[{"error": "x"}]"#,
        r#"{"error": "x"}"#,
    ];
    proptest::collection::vec((select(keys.to_vec()), select(values.to_vec())), 0..6)
}

proptest! {
    /// Observing the members while a response is decoded gives the same verdict as scanning them.
    #[test]
    fn a_change_succeeds_whether_or_not_its_response_is_presumed_to_be_a_success(members in members()) {
        crate::wire::models! {
            struct Row {
                name: String,
                status: String,
                part: Option<Part>,
                success: Option<Value>,
                parts: Vec<Part>,
            }

            struct Part {
                name: String,
                error: String,
            }

            struct Rest {
                status: String,
                #[serde(flatten)]
                rest: BTreeMap<String, Value>,
            }

            #[serde(transparent)]
            struct Inside {
                row: Row,
            }
        }
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        struct Derived {
            part: Option<Part>,
        }

        fn check<T: DeserializeOwned + PartialEq + Debug + 'static>(body: &str) {
            let finish = |transport: &Transport| {
                let call = transport.call(&CREATE).json::<T>();
                let result = call.finish(Response::new(Bytes::from(body.to_owned())));
                result.map_err(|error| (error.kind(), error.is_outcome_unknown()))
            };
            let [one, other] = &*SILENT;
            assert_eq!(finish(one), finish(other), "{body}");
        }

        let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
        let object = format!("{{{}}}", members.join(", "));
        for body in [object.clone(), format!("{object}]"), object.replace('}', "")] {
            check::<Row>(&body);
            check::<Option<Row>>(&body);
            check::<Rest>(&body);
            check::<Inside>(&body);
            check::<Derived>(&body);
            check::<Value>(&body);
        }
        check::<Derived>(&format!("{{\"error\": \"x\", \"part\": {object}}}"));
        check::<Derived>(&format!("{{\"part\": {object}, \"error\": \"x\"}}"));
    }
}

/// Any object may be decoded into the type of an untyped call.
#[test]
fn the_response_to_an_untyped_call_is_always_judged() {
    for body in [r#"{"message": "there is no 7", "success": false}"#, r#"{"time": 1, "errors": {"id": "7"}}"#]
    {
        for transport in &*SILENT {
            let call = || transport.request(Method::Get, "/numbers").json::<Value>();
            assert_denied(call().finish(response(body)));
            assert_denied(call().raw().finish(response(body)));
        }
    }
    let call = SILENT[0].request(Method::Get, "/numbers").json::<Value>();
    assert!(call.finish(response(r#"{"id": 7}"#)).is_ok());
}

#[test]
fn a_change_is_decoded_once() {
    static DECODED: AtomicU32 = AtomicU32::new(0);
    let decode = |_: &Bytes| {
        DECODED.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    SILENT[0].call(&CREATE).decode(decode).finish(response("{}")).unwrap();
    assert_eq!(DECODED.load(Ordering::Relaxed), 1);
}
