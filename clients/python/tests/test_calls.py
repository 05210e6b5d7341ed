"""Requests, answers, errors, retries and time limits."""

import email.utils
import time
import unittest
from http.server import BaseHTTPRequestHandler

import kycd_client
from kycd_client import ApiError, Kycd, NoAnswerError, TimeLimitError
from scripted_server import Prepared, ScriptedServer, envelope

SENT = envelope(201, "otp_sent")
KEY = "kycd_secret"


def busy(retry_after: str | None, http_status: int = 503) -> Prepared:
    return envelope(http_status, "unavailable", headers={} if retry_after is None else {"Retry-After": retry_after})


class Calls(unittest.TestCase):
    def test_an_answer_has_the_members_of_the_envelope(self) -> None:
        answer = envelope(200, "quota_retrieved", data={"used": 3}, headers={"Idempotency-Replayed": "true"})
        with ScriptedServer(answer) as server:
            got = Kycd(server.base_url + "/api/", KEY + "\n").get_quota()
        self.assertEqual(
            got, kycd_client.Answer("quota_retrieved", 200, "message of quota_retrieved", {"used": 3}, "req-1", True)
        )
        self.assertEqual(server.requests[0].target, "/api/v1/quota")
        self.assertEqual(server.requests[0].headers["x-api-key"], KEY)

    def test_each_http_status_raises_its_class(self) -> None:
        for http_status, name in (
            (400, "InvalidRequestError"),
            (401, "AuthenticationError"),
            (403, "ForbiddenError"),
            (404, "NotFoundError"),
            (409, "ConflictError"),
            (410, "CursorExpiredError"),
            (422, "IdempotencyKeyReusedError"),
            (429, "RateLimitError"),
            (500, "ServerError"),
            (503, "UnavailableError"),
            (504, "ServerError"),
            (415, "ApiError"),
        ):
            with self.subTest(name), ScriptedServer(
                envelope(http_status, "some_word", details={"cause": "why"})
            ) as server:
                with self.assertRaises(ApiError) as caught:
                    Kycd(server.base_url).send_email_otp(email="ana@example.com")
                error = caught.exception
                self.assertIs(type(error), getattr(kycd_client, name))
                self.assertIsInstance(error, kycd_client.KycdError)
                self.assertEqual(isinstance(error, kycd_client.ServerError), http_status >= 500)
                self.assertEqual(
                    (error.status, error.http_status, error.details, error.request_id, error.retry_after, str(error)),
                    ("some_word", http_status, {"cause": "why"}, "req-1", None, "message of some_word"),
                )
                self.assertEqual(len(server.requests), 1, "without Retry-After there is no second attempt")

    def test_other_answers_are_errors(self) -> None:
        unknown = "HTTP status {} without an answer of kycd"
        for answer, expected in (
            (Prepared(401, '{"code":401,"message":"no key"}', {}), ("AuthenticationError", "unauthorized", "no key")),
            (Prepared(429, '{"code":429,"message":"slow"}', {}), ("RateLimitError", "too_many_requests", "slow")),
            (Prepared(502, "<h1>ana@example.com</h1>", {}), ("ServerError", "unknown_answer", unknown.format(502))),
            (Prepared(200, "fine", {}), ("ApiError", "unknown_answer", unknown.format(200))),
            (Prepared(200, "[1]", {}), ("ApiError", "unknown_answer", unknown.format(200))),
            (Prepared(302, "", {"Location": "/other"}), ("ApiError", "unknown_answer", unknown.format(302))),
        ):
            with self.subTest(answer.body), ScriptedServer(answer) as server:
                with self.assertRaises(ApiError) as caught:
                    Kycd(server.base_url, KEY).get_quota()
                error = caught.exception
                self.assertEqual((type(error).__name__, error.status, str(error)), expected)
                self.assertEqual(len(server.requests), 1)

    def test_options_that_cannot_work_are_refused_without_a_word_of_the_key(self) -> None:
        for base_url, key in (
            ("kyc.example.com", None),
            ("ftp://kyc.example.com", None),
            ("https://user:secret@kyc.example.com", None),
            ("https://kyc.example.com/?a=1", None),
            ("https://kyc.example.com", ""),
            ("https://kyc.example.com", "kycd_sec\nret"),
        ):
            with self.subTest(base_url), self.assertRaises(ValueError) as caught:
                Kycd(base_url, key)
            self.assertNotIn("sec", str(caught.exception))

    def test_fields_in_paths_are_encoded_and_unknown_fields_are_refused(self) -> None:
        with ScriptedServer(envelope(200, "ok")) as server:
            kycd = Kycd(server.base_url)
            kycd.get_user(user_id="a/b?c#d")
            with self.assertRaisesRegex(ValueError, "get_user needs the field user_id"):
                kycd.get_user(user_id="..")
            with self.assertRaisesRegex(TypeError, "prepare_kyc has no field or option e_mail"):
                kycd.prepare_kyc(email="ana@example.com", e_mail="x")  # type: ignore[call-arg]
            with self.assertRaisesRegex(ValueError, "^request_id has characters that no header has$"):
                kycd.get_quota(request_id="a\nb")
        self.assertEqual([request.target for request in server.requests], ["/v1/users/a%2Fb%3Fc%23d"])


class Retries(unittest.TestCase):
    def test_a_retry_has_the_same_body_and_idempotency_key(self) -> None:
        past = email.utils.formatdate(time.time() - 5, usegmt=True)
        for http_status in (429, 503):
            with self.subTest(http_status), ScriptedServer(
                busy("1", http_status), busy(past, http_status), SENT
            ) as server:
                answer = Kycd(server.base_url, KEY).send_email_otp(email="ana@example.com")
                self.assertEqual(answer.status, "otp_sent")
                self.assertEqual(len(server.requests), 3)
                self.assertEqual(len({request.headers["idempotency-key"] for request in server.requests}), 1)
                self.assertEqual(len({request.body for request in server.requests}), 1)
                self.assertRegex(server.requests[0].headers["idempotency-key"], r"^[0-9a-f-]{36}$")
                self.assertGreaterEqual(server.requests[1].at - server.requests[0].at, 0.99)

    def test_retries_are_bounded(self) -> None:
        for name, answer, limits, attempts, retry_after in (
            ("at most max_retries times", busy("0"), {}, 3, 0),
            ("as often as max_retries says", busy("0"), {"max_retries": 1}, 2, 0),
            ("not with max_retries 0", busy("0"), {"max_retries": 0}, 1, 0),
            ("not without Retry-After", busy(None), {}, 1, None),
            ("not after a Retry-After above the limit", busy("31"), {}, 1, 31),
            ("not after an unreadable Retry-After", busy("soon"), {}, 1, None),
            ("not after a 500", busy("0", 500), {}, 1, 0),
        ):
            with self.subTest(name), ScriptedServer(answer) as server:
                with self.assertRaises(ApiError) as caught:
                    Kycd(server.base_url, KEY, **limits).send_email_otp(email="ana@example.com")
                self.assertEqual(len(server.requests), attempts)
                self.assertEqual(caught.exception.retry_after, retry_after)

    def test_which_calls_have_an_idempotency_key(self) -> None:
        with ScriptedServer(envelope(200, "ok")) as server:
            kycd = Kycd(server.base_url, KEY)
            kycd.prepare_kyc(email="ana@example.com", idempotency_key="order-1")
            kycd.prepare_kyc(email="ana@example.com")
            kycd.prepare_kyc(email="ana@example.com")
            kycd.query_kyc_status(email="ana@example.com")
            kycd.get_quota()
            kycd.update_webhook_endpoint(endpoint_id="we_1", disabled=True)
            Kycd(server.base_url).prepare_kyc(email="ana@example.com")
        keys = [request.headers.get("idempotency-key") for request in server.requests]
        self.assertEqual(keys[0], "order-1")
        self.assertNotEqual(keys[1], keys[2])
        self.assertEqual(keys[3:], [None] * 4)


class TimeLimits(unittest.TestCase):
    def test_the_time_limit_holds_for_answers_that_do_not_come_or_do_not_end(self) -> None:
        def drip(handler: BaseHTTPRequestHandler) -> None:
            """Sends a byte more often than a time-out of the socket would expire."""
            try:
                handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                while not server.closing.wait(0.05):
                    handler.wfile.write(b" ")
            except OSError:
                pass

        for answer in (lambda handler: server.hang(handler), drip):
            with ScriptedServer(answer) as server:
                began = time.monotonic()
                with self.assertRaisesRegex(TimeLimitError, "^GET /v1/quota: no complete answer within 0.3 s$"):
                    Kycd(server.base_url).get_quota(timeout_seconds=0.3)
                self.assertLess(time.monotonic() - began, 5)

    def test_the_time_limit_of_a_call_that_waits_includes_the_wait(self) -> None:
        def late(handler: BaseHTTPRequestHandler) -> None:
            server.closing.wait(0.5)
            handler.wfile.write(b'HTTP/1.1 200 OK\r\n\r\n{"status":"kyc_status_retrieved"}')

        with ScriptedServer(late) as server:
            answer = Kycd(server.base_url, timeout_seconds=0.1).query_kyc_status(email="ana@example.com", wait=5)
        self.assertEqual(answer.status, "kyc_status_retrieved")

    def test_an_answer_that_is_cut_is_no_answer(self) -> None:
        def cut(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"status":"ok"}')

        with ScriptedServer(cut) as server, self.assertRaises(NoAnswerError):
            Kycd(server.base_url).get_quota()

    def test_the_error_of_a_call_without_answer_has_neither_key_nor_address(self) -> None:
        kycd = Kycd("http://127.0.0.1:1", KEY)
        with self.assertRaisesRegex(NoAnswerError, "^GET /kyc/status: no answer: ") as caught:
            kycd.get_kyc_status(email="ana@example.com")
        for text in (repr(caught.exception), repr(caught.exception.__cause__), repr(kycd)):
            self.assertNotRegex(text, "ana|" + KEY)


if __name__ == "__main__":
    unittest.main()
