//! Inferno's actions.

use std::net::Ipv4Addr;

use super::orders::{Order, Power, Status, Vps};
use super::php::{Php, amount, map, number, quoted, text};
use super::{Answer, CLIENT_ID, EMAIL, Inferno, PASSWORD, catalog, failure};
use crate::base::{Clock, Ids, Pending, Request};

const NO_ACTIVE_ORDER: &str = "Order ID not found or Status not Active";
const NO_VPS: &str = "Vps not found";

fn done(message: &str) -> Php {
    map([("result", text("success")), ("message", text(message))])
}

fn id(request: &Request, name: &str) -> Option<u64> {
    request.argument(name)?.trim().parse().ok()
}

impl Inferno {
    pub(super) fn act(&mut self, operation: &str, request: &Request, clock: &Clock) -> Answer {
        match operation {
            "api_key.get" => self.api_key(request),
            "catalog.list" => Ok(catalog::list(self.quirks.templates_as_list)),
            "balance.get" => {
                let mut balance = self.balance;
                balance.rescale(balance.scale().max(2));
                let balance = amount(balance.to_string());
                Ok(map([("result", text("success")), ("balance", balance), ("currency", text("EUR"))]))
            }
            "order.create" => self.create(request, clock),
            "order.list" => Ok(self.orders()),
            "order.cancel" => self.cancel(request),
            "vps.install" | "vps.reinstall" => self.install(operation == "vps.reinstall", request, clock),
            "vps.info" => self.info(request, clock),
            "ssh_key.add" => self.add_key(request),
            "ssh_key.list" => {
                let keys = self.ssh_keys.iter();
                let rows =
                    keys.map(|(id, (label, _))| map([("id", quoted(*id)), ("name", text(label.as_str()))]));
                Ok(map([("result", text("success")), ("list", Php::List(rows.collect()))]))
            }
            "ssh_key.remove" => {
                let removed = id(request, "id").and_then(|id| self.ssh_keys.remove(&id));
                removed.map(|_| done("SSH key removed")).ok_or_else(|| failure("SSH key not found"))
            }
            "service.list" => {
                let services = self.orders.values().filter(|order| order.status != Status::Cancelled);
                let rows = services.map(|order| fields(order.service())).collect();
                Ok(map([("result", text("success")), ("services", Php::List(rows))]))
            }
            "service.get" => self.service(request),
            power => self.power(power, request, clock),
        }
    }

    fn api_key(&mut self, request: &Request) -> Answer {
        let is = |name, expected| request.argument(name).as_deref() == Some(expected);
        if !is("email", EMAIL) || !is("pass", PASSWORD) {
            return Err(failure("Invalid email or password"));
        }
        if is("generate", "1") {
            self.key = self.ids.token(32);
        }
        Ok(map([("result", text("success")), ("cid", number(CLIENT_ID)), ("key", text(self.key.as_str()))]))
    }

    fn create(&mut self, request: &Request, clock: &Clock) -> Answer {
        let product =
            id(request, "pid").and_then(catalog::product).ok_or_else(|| failure("Product not found"))?;
        let serial = self.ids.number(0);
        let mut order = Order {
            id: 47_000 + serial,
            ordernum: 8_634_530_000 + serial,
            invoice_id: 366_000 + serial,
            service_id: 49_700 + serial,
            product,
            status: Status::Pending,
            ordered_at: clock.now(),
            paid_at: None,
            vps: None,
        };
        let price = product.price.parse().unwrap_or_default();
        if self.pays_from_balance && self.balance >= price {
            self.balance -= price;
            order.pay(clock);
        }
        let answer = map([
            ("result", text("success")),
            ("orderid", number(order.id)),
            ("invoiceid", number(order.invoice_id)),
            ("productids", quoted(order.service_id)),
        ]);
        self.orders.insert(order.id, order);
        Ok(answer)
    }

    fn orders(&self) -> Php {
        let kept = self.orders.values().filter(|order| order.status != Status::Cancelled);
        let rows = kept.map(|order| (order.id.to_string(), order.row())).collect();
        map([("result", text("success")), ("orders", Php::Map(rows))])
    }

    fn cancel(&mut self, request: &Request) -> Answer {
        let order = id(request, "orderid").and_then(|id| self.orders.get_mut(&id));
        let order = order.filter(|order| order.status == Status::Pending);
        let order = order.ok_or_else(|| failure("Order ID not found or Status not Pending"))?;
        order.status = Status::Cancelled;
        Ok(map([("result", text("success"))]))
    }

    fn install(&mut self, again: bool, request: &Request, clock: &Clock) -> Answer {
        // This is the value of `method` in the documented responses to both actions.
        let method = ("method", text("createVPS"));
        let fail = |message: &str, code: u16| {
            let [method, message] = [method.clone(), ("msg", text(message))];
            map([method, ("result", text("fail")), message, ("error_code", number(code))])
        };
        let order = id(request, "orderid").and_then(|id| self.orders.get_mut(&id));
        let order = order.filter(|order| order.status == Status::Active);
        let order = order.ok_or_else(|| fail(NO_ACTIVE_ORDER, 901))?;
        let template = request.argument("ostpl").unwrap_or_default();
        if !catalog::has_template(&template) {
            return Err(fail("Template not found", 902));
        }
        let key_ids = request.argument("sshkey_ids").unwrap_or_default();
        let ssh_keys = key_ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(|id| {
            let id = id.parse().ok().filter(|id| self.ssh_keys.contains_key(id));
            id.ok_or_else(|| fail("SSH key not found", 903))
        });
        let ssh_keys = ssh_keys.collect::<Result<Vec<u64>, _>>()?;
        let queued = order.vps.as_mut().is_some_and(|vps| vps.power.peek(clock) == Power::Queued);
        match &order.vps {
            Some(vps) if queued || !again => {
                let exists = format!("Vps exists with current main_id ({}) , W:{}", vps.main_id, order.id);
                return Err(fail(&exists, 904));
            }
            None if again => return Err(fail(NO_VPS, 905)),
            _ => {}
        }
        let msg = ("msg", text("ok"));
        if request.argument("run").as_deref() != Some("1") {
            return Ok(map([method, ("result", text("success")), msg]));
        }
        // Assumed: reinstalling keeps the address and changes the password.
        let (main_id, ip) =
            order.vps.take().map_or_else(|| new_server(&mut self.ids), |old| (old.main_id, old.ip));
        let mut power = Pending::settled(Power::Off, clock);
        power.go(Power::Queued, Power::On, clock);
        let password = self.ids.token(12);
        order.vps = Some(Vps { main_id, ip, password, template, ssh_keys, power });
        let queued = map([
            ("result", text("success")),
            ("msg", text("VSCD: VPS added to queue")),
            ("error_code", number(0u8)),
        ]);
        Ok(map([method, ("result", text("success")), msg, ("retx", queued)]))
    }

    fn info(&mut self, request: &Request, clock: &Clock) -> Answer {
        let order_id = id(request, "orderid").unwrap_or_default();
        let ip = request.argument("ip").unwrap_or_default();
        let wanted = |order: &&mut Order| match order_id {
            0 => order.vps.as_ref().is_some_and(|vps| vps.ip == ip),
            id => order.id == id,
        };
        let order = self.orders.values_mut().find(wanted);
        order.map(|order| order.info(clock)).ok_or_else(|| failure("Order ID not found"))
    }

    fn power(&mut self, operation: &str, request: &Request, clock: &Clock) -> Answer {
        let order = id(request, "orderid").and_then(|id| self.orders.get_mut(&id));
        let order = order.filter(|order| order.status == Status::Active);
        let order = order.ok_or_else(|| failure(NO_ACTIVE_ORDER))?;
        let vps = order.vps.as_mut().ok_or_else(|| failure(NO_VPS))?;
        match (operation, vps.power.peek(clock)) {
            (_, Power::Queued) => return Err(failure("Vps is being installed")),
            ("vps.reboot", Power::Off) => return Err(failure("Vps is stopped")),
            ("vps.stop", _) => vps.power = Pending::settled(Power::Off, clock),
            ("vps.boot", Power::On) => {}
            _ => vps.power.go(Power::Off, Power::On, clock),
        }
        Ok(done("ok"))
    }

    fn add_key(&mut self, request: &Request) -> Answer {
        let key = request.argument("sshkey").unwrap_or_default();
        let mut words = key.split_whitespace();
        let (kind, body) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let known = kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-");
        // Every key begins with four bytes that contain the length of its type's name.
        if !known || !body.starts_with("AAAA") {
            return Err(failure("Invalid SSH key"));
        }
        let label = words.collect::<Vec<_>>().join(" ");
        self.keys_ever += 1;
        let id = self.keys_ever;
        self.ssh_keys.insert(id, (label, format!("{kind} {body}")));
        Ok(done("SSH key added"))
    }

    fn service(&mut self, request: &Request) -> Answer {
        let service_id = id(request, "serviceid");
        let order = self.orders.values().find(|order| Some(order.service_id) == service_id);
        let order = order.ok_or_else(|| failure("Service not found"))?;
        let mut service = order.service();
        if let Some(vps) = &order.vps {
            let keys = vps.ssh_keys.iter().copied().map(quoted).collect();
            service.extend([("ostpl", text(vps.template.as_str())), ("sshkey_ids", Php::List(keys))]);
        }
        Ok(map([("result", text("success")), ("service", fields(service))]))
    }
}

/// Returns a main id, and an address in the network that is reserved for benchmarks.
fn new_server(ids: &mut Ids) -> (u64, String) {
    let serial = ids.number(0);
    let host = u32::try_from(serial % 0x2_0000).unwrap_or_default();
    (21_900 + serial, Ipv4Addr::from_bits(0xc612_0000 + host).to_string())
}

fn fields(fields: Vec<(&'static str, Php)>) -> Php {
    Php::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
