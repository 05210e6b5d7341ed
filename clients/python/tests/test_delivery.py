"""Verification of deliveries. The first test has the example of the Standard Webhooks specification."""

import base64
import hashlib
import hmac
import json
import unittest

from kycd_client import DeliveryVerificationError, verify_delivery

SECRET = "whsec_" + base64.b64encode(bytes([1] * 32)).decode()
OTHER = "whsec_" + base64.b64encode(bytes([2] * 32)).decode()
BODY = '{"id":"evt_1","type":"kyc.approved","data":{"reference":"João"}}'
NOW = 1795981582.897


def sign(secret: str, when: int, body: str) -> str:
    key = base64.b64decode(secret[6:])
    return "v1," + base64.b64encode(hmac.new(key, f"evt_1.{when}.{body}".encode(), hashlib.sha256).digest()).decode()


def delivery(*secrets: str, age: int = 0, **changes: str) -> dict[str, str]:
    when = int(NOW) - age
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(when),
        "webhook-signature": " ".join(sign(secret, when, BODY) for secret in secrets or (SECRET,)),
    }
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}


class Deliveries(unittest.TestCase):
    def test_the_example_of_the_specification(self) -> None:
        headers = {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        event = verify_delivery(
            '{"test": 2432232314}', headers, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now=1614265330
        )
        self.assertEqual(event, {"test": 2432232314})

    def test_accepted(self) -> None:
        ours = delivery()["webhook-signature"]
        for name, headers, secrets, body in (
            ("one signature", delivery(), SECRET, BODY),
            ("the body as bytes", delivery(), SECRET, BODY.encode()),
            ("a secret without its prefix", delivery(), SECRET[6:], BODY),
            ("two signatures, the second of ours", delivery(OTHER, SECRET), SECRET, BODY),
            ("two signatures, the first of ours", delivery(SECRET, OTHER), SECRET, BODY),
            ("signatures of other versions", delivery(webhook_signature=f"v1a,AA v2,BB {ours}"), SECRET, BODY),
            ("two secrets of the receiver", delivery(), [OTHER, SECRET], BODY),
            ("names in other spelling", {name.title(): value for name, value in delivery().items()}, SECRET, BODY),
            ("300 s old", delivery(age=300), SECRET, BODY),
            ("300 s in the future", delivery(age=-300), SECRET, BODY),
        ):
            with self.subTest(name):
                self.assertEqual(verify_delivery(body, headers, secrets, now=NOW), json.loads(BODY))

    def test_refused(self) -> None:
        ours = delivery()["webhook-signature"]
        without = [{key: value for key, value in delivery().items() if key != name} for name in delivery()]
        for name, headers, secrets, body in (
            ("another secret", delivery(OTHER), SECRET, BODY),
            ("another id", delivery(webhook_id="evt_2"), SECRET, BODY),
            ("another timestamp", delivery(webhook_timestamp=str(int(NOW) + 1)), SECRET, BODY),
            ("another body", delivery(), SECRET, BODY + " "),
            ("301 s old", delivery(age=301), SECRET, BODY),
            ("301 s in the future", delivery(age=-301), SECRET, BODY),
            ("a timestamp that is no number", delivery(webhook_timestamp="1e9"), SECRET, BODY),
            ("a timestamp in other digits", delivery(webhook_timestamp="١٧٩٥٩٨١٥٨٢"), SECRET, BODY),
            ("a signature that is cut", delivery(webhook_signature=ours[:-1]), SECRET, BODY),
            ("an empty signature", delivery(webhook_signature="v1,"), SECRET, BODY),
            ("a signature beyond ASCII", delivery(webhook_signature="v1,é"), SECRET, BODY),
            ("our signature under another version", delivery(webhook_signature="v2" + ours[2:]), SECRET, BODY),
            ("no secret at all", delivery(), [], BODY),
            ("without webhook-id", without[0], SECRET, BODY),
            ("without webhook-timestamp", without[1], SECRET, BODY),
            ("without webhook-signature", without[2], SECRET, BODY),
        ):
            with self.subTest(name), self.assertRaises(DeliveryVerificationError):
                verify_delivery(body, headers, secrets, now=NOW)

    def test_a_signed_body_that_is_not_json_is_refused(self) -> None:
        headers = delivery(webhook_signature=sign(SECRET, int(NOW), "ana@example.com"))
        with self.assertRaisesRegex(DeliveryVerificationError, "^the body of the delivery is not JSON$") as caught:
            verify_delivery("ana@example.com", headers, SECRET, now=NOW)
        self.assertIsNone(caught.exception.__cause__)

    def test_a_secret_that_is_none_is_a_wrong_use(self) -> None:
        for secret in ("", "whsec_", "whsec_not base64!", "whsec_é"):
            message = "^a secret of an endpoint is whsec_ and base64$"
            with self.subTest(secret), self.assertRaisesRegex(ValueError, message):
                verify_delivery(BODY, delivery(), secret)


if __name__ == "__main__":
    unittest.main()
