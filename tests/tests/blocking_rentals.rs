//! Checks in the simulator's books that rentals in blocking programs end, however the work ends.
#![allow(clippy::unwrap_used, clippy::panic_in_result_fn, reason = "test helpers")]

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use elastis_core::{Elastis, Login, NewVm, Os, VmSize};
use elastis_network::ElastisNetwork;
use hostkit_simulator::Simulator;
use http_core::Error;
use http_core::rental::RentalError;
use leaderssl_gpu::{Client, NewOrder, Product, ServerStatus};
use tokio::runtime::{Builder, Runtime};

fn start() -> (Runtime, Simulator) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(Simulator::builder().strict().start()).unwrap();
    (runtime, simulator)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Return,
    Error,
    Panic,
}

impl Way {
    const ALL: [Self; 3] = [Self::Return, Self::Error, Self::Panic];

    fn take(self) -> Result<u32, Error> {
        match self {
            Self::Return => Ok(7),
            Self::Error => Err(Error::configuration("no")),
            Self::Panic => panic!("in the work"),
        }
    }

    fn check<E: Debug>(self, run: impl FnOnce() -> Result<u32, RentalError<u32, E>>) {
        match (self, catch_unwind(AssertUnwindSafe(run))) {
            (Self::Return, Ok(Ok(7))) | (Self::Error, Ok(Err(RentalError::Work(_)))) => {}
            (Self::Panic, Err(panic)) => assert_eq!(panic.downcast_ref::<&str>(), Some(&"in the work")),
            (_, result) => panic!("{self:?}: {result:?}"),
        }
    }
}

fn gpu(simulator: &Simulator) -> Client {
    let account = simulator.leaderssl();
    let builder = Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url);
    builder.no_proxy().build().unwrap()
}

fn elastis(simulator: &Simulator) -> Elastis {
    let account = simulator.elastis();
    let builder = Elastis::builder(account.key.as_str()).base_url(&account.base_url).no_proxy();
    builder.build().unwrap()
}

fn new_vm(simulator: &Simulator) -> NewVm {
    let login = Login::new("example", "Password123");
    NewVm::from_image("web-1", Os::new("ubuntu", "20.04"), 20, VmSize::new(2, 2048), login)
        .with_billing_account(simulator.elastis().billing_accounts[0].into())
        .with_public_ip()
}

#[test]
fn a_gpu_server_is_stopped_however_the_work_ends() {
    for way in Way::ALL {
        let (_runtime, simulator) = start();
        let client = gpu(&simulator);
        let products = client.products().list().send_blocking().unwrap();
        let product = products.into_iter().find(Product::is_free_now).unwrap();
        client
            .orders()
            .create(NewOrder::new(product.id, leaderssl_gpu::Os::Ubuntu, 1))
            .send_blocking()
            .unwrap();
        let id = client.servers().list().send_blocking().unwrap().pop().unwrap().id;
        way.check(|| {
            client.servers().while_running_blocking(id, |server| {
                let now = client.servers().get(server.id).send_blocking()?;
                assert_eq!(now.status, ServerStatus::Up);
                way.take()
            })
        });
        assert_eq!((simulator.count("server.start"), simulator.count("server.stop")), (1, 1), "{way:?}");
        let status = client.servers().get(id).send_blocking().unwrap().status;
        assert_eq!(status, ServerStatus::Available, "{way:?}");
    }
}

#[test]
fn a_vm_and_its_address_are_deleted_however_the_work_ends() {
    for way in Way::ALL {
        let (_runtime, simulator) = start();
        let elastis = elastis(&simulator);
        way.check(|| {
            elastis.while_rented_blocking(new_vm(&simulator), |vm| {
                assert!(elastis.vms().get(vm.uuid).send_blocking()?.is_running());
                assert_eq!(elastis.floating_ips().list().send_blocking()?.len(), 1);
                way.take()
            })
        });
        let books = simulator.books();
        assert_eq!(books.created("elastis/vm"), 1, "{way:?}");
        assert!(books.billed("elastis/*").is_empty(), "{way:?}: {books:?}");
    }
}

#[test]
fn nothing_is_started_on_a_thread_of_an_async_runtime() {
    let (runtime, simulator) = start();
    let (client, elastis) = (gpu(&simulator), elastis(&simulator));
    runtime.block_on(async {
        let refused = client.servers().while_running_blocking(1.into(), |_| Ok::<_, Error>(()));
        assert!(matches!(refused, Err(RentalError::Start(_))), "{refused:?}");
        let refused = elastis.while_rented_blocking(new_vm(&simulator), |_| Ok::<_, Error>(()));
        assert!(matches!(refused, Err(RentalError::Start(_))), "{refused:?}");
    });
    assert!(simulator.requests().is_empty());
}
