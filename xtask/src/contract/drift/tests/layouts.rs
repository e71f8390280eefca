//! A fictional documentation page for each provider's layout.

use super::{Layout, endpoint};
use crate::fixtures::Provider;

pub(super) fn elastis() -> Layout {
    let page = r#"Welcome
curl "somewhere"
Lamps
Light a lamp
curl "https://api.example/v1/lamps" \
-H "apikey: k" \
-X POST \
-d "name=desk" \
-d "watts=60"
The above command returns JSON structured like this:
{
"id": 7,
"name": "desk",
"bulbs": [{"watts": 60}]
}
Lights one lamp. It must be dark.
HTTP Request
POST https://api.example/v1/lamps
Form Parameters
Parameter | Default | Type |
---|---|---|
name | Basic text / string value | |
watts | 40 | A Whole number |
dimmed | False | Accepts a true or false value |
Put a lamp out
curl "https://api.example/v1/lamps/7" \
-H "apikey: k" \
-X DELETE
The above command returns HTTP status 204 No Content
State Code | Description |
---|---|
1 | On |
2 | Off |
Puts it out.
HTTP Request
DELETE https://api.example/v1/lamps/{id}
Path Parameters
Parameter | Type | Description | |
---|---|---|---|
id |
Integer | Which lamp |
colour |
String | optional | One of RED, BLUE or NONE (default). |
Bulbs
About bulbs.
List bulbs
curl "https://api.example/v1/bulbs?id=7" \
-X GET
The above command returns JSON structured like this:
[]
Lists them.
HTTP Request
GET https://api.example/v1/bulbs
Query Parameters
Parameter | Required | Type |
---|---|---|
id | 1 | A Whole number |
"#;
    Layout {
        provider: Provider::Elastis,
        page: page.to_owned(),
        endpoints: vec![
            endpoint("lamp.light", "POST", "/v1/lamps"),
            endpoint("lamp.put_out", "DELETE", "/v1/lamps/{id}"),
            endpoint("bulb.list", "GET", "/v1/bulbs"),
        ],
    }
}

pub(super) fn leaderssl() -> Layout {
    let page = r#"Reference of lamps
1. Sign in
Endpoint
https://api.example/v1/signin
Parameters
- login
- password
Method
POST
Return
Success
HTTP code 200, an object
{"id": 17, "auth_token": "t0"}
id - whose it is
Examples
curl -X POST --data 'login=c&password=d' 'https://api.example/v1/signin' HTTP/1.1 200 OK {"id":17,"auth_token":"t0"}
2. Light
Endpoint
https://api.example/v1/users/{user_id}/light
Parameters
- user_id. Whose
- auth_token. The token
- colour. One of 'red', 'blue'
Only in the dark.
Method
POST
Return
Success
HTTP code 200, an object
{"state": "on", "watts": 60}
- "state":string ("on"|"off") What it does
- "watts":integer Power
- "since":(null | Time) When
Error
http status 401
{"error":"no"}
"#;
    Layout {
        provider: Provider::LeadersslGpu,
        page: page.to_owned(),
        endpoints: vec![
            endpoint("auth.sign_in", "POST", "/v1/signin"),
            endpoint("lamp.light", "POST", "/v1/users/{user_id}/light"),
        ],
    }
}

pub(super) fn inferno() -> Layout {
    let page = r#"Портал ламп

1. Зажечь лампу

Параметры (POST,GET):
cid - номер, например 777
mode - 0 (проба) или 1 (свет) api_client.php?action=light&cid=777&key=XXXX&mode=1 - зажечь
api_client.php?action=dim&cid=777&key=XXXX&mode=1 - приглушить
Результат:
{
    "result": "success",
    "lamp": {"id": 7}
}

2. Погасить лампу

Только одну.
curl https://api.example/api_client.php?action=out \
-H "X-Key: YOUR_KEY" \
-d '{"cid":YOUR_CID}'
Можно добавить bulb=7 к ней
{
    "result": "success"
}



Всё
"#;
    Layout {
        provider: Provider::InfernoVps,
        page: page.replace("YOUR_CID", "777"),
        endpoints: vec![
            endpoint("lamp.light", "POST", "/api_client.php?action=light"),
            endpoint("lamp.dim", "POST", "/api_client.php?action=dim"),
            endpoint("lamp.put_out", "POST", "/api_client.php?action=out"),
        ],
    }
}
