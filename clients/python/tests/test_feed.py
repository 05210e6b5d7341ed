"""The iterator over the event feed."""

import unittest
from http.server import BaseHTTPRequestHandler

from kycd_client import CursorExpiredError, Kycd, NoAnswerError, UnavailableError
from scripted_server import Prepared, ScriptedServer, envelope


def page(ids: list[str], next_after: str | None, has_more: bool = False) -> Prepared:
    events = [{"id": id, "type": "kyc.updated", "data": {}} for id in ids]
    return envelope(200, "events_retrieved", data={"events": events, "next_after": next_after, "has_more": has_more})


class Feed(unittest.TestCase):
    def test_events_come_in_order_and_the_cursor_is_behind_the_last_one(self) -> None:
        pages = page(["evt_1", "evt_2"], "evt_3", True), page([], "evt_4", True), page(["evt_5"], "evt_5")
        with ScriptedServer(*pages, page([], "evt_5")) as server:
            feed = Kycd(server.base_url).event_feed(types=["kyc.*", "user.erased"], limit=2, follow=False)
            seen = [(event["id"], feed.cursor) for event in feed]
        self.assertEqual(seen, [("evt_1", "evt_1"), ("evt_2", "evt_3"), ("evt_5", "evt_5")])
        self.assertEqual(feed.cursor, "evt_5")
        same = {"types": "kyc.*,user.erased", "limit": "2"}
        after: list[dict[str, str]] = [{}, {"after": "evt_3"}, {"after": "evt_4"}, {"after": "evt_5"}]
        self.assertEqual([request.query for request in server.requests], [same | one for one in after])

    def test_a_loop_that_was_left_continues_after_its_last_event(self) -> None:
        with ScriptedServer(page(["evt_1", "evt_2"], "evt_2"), page(["evt_2"], "evt_2"), page([], "evt_2")) as server:
            kycd = Kycd(server.base_url)
            feed = kycd.event_feed(after="evt_0", follow=False)
            for event in feed:
                self.assertEqual(event["id"], "evt_1")
                break
            self.assertEqual(feed.cursor, "evt_1")
            again = [event["id"] for event in kycd.event_feed(after=feed.cursor, follow=False)]
        self.assertEqual(again, ["evt_2"])
        self.assertEqual([request.query["after"] for request in server.requests], ["evt_0", "evt_1", "evt_2"])

    def test_pages_without_events_move_the_cursor(self) -> None:
        with ScriptedServer(page([], "evt_7", True), page([], "evt_9")) as server:
            feed = Kycd(server.base_url).event_feed(types=["kyc.*"], follow=False)
            cursors = [(len(one["events"]), feed.cursor) for one in feed.pages()]
        self.assertEqual(cursors, [(0, "evt_7"), (0, "evt_9")])

    def test_following_waits_pauses_and_can_be_stopped(self) -> None:
        with ScriptedServer(page([], None), page([], None), page(["evt_1"], "evt_1")) as server:
            feed = Kycd(server.base_url).event_feed(after="now")
            for event in feed:
                self.assertEqual(event["id"], "evt_1")
                feed.stop()
        queries = [{"after": "now", "wait": "25"}, {"wait": "25"}, {"wait": "25"}]
        self.assertEqual([request.query for request in server.requests], queries)
        at = [request.at for request in server.requests]
        self.assertLess(at[1] - at[0], 0.9, "no pause after the answer that only has the cursor")
        self.assertGreaterEqual(at[2] - at[1], 0.99, "a pause")

    def test_following_continues_after_an_outage_if_it_is_short_enough(self) -> None:
        def broken(handler: BaseHTTPRequestHandler) -> None:
            handler.connection.close()

        answers = broken, envelope(503, "unavailable"), page(["evt_1"], "evt_1")
        with ScriptedServer(*answers) as server:
            with self.assertRaises(NoAnswerError):
                next(iter(Kycd(server.base_url).event_feed(follow=False)))
            with self.assertRaises(UnavailableError):
                next(iter(Kycd(server.base_url).event_feed(max_outage_seconds=0.9)))
            self.assertEqual(len(server.requests), 2)
        with ScriptedServer(*answers) as server:
            event = next(iter(Kycd(server.base_url).event_feed(after="evt_0")))
        self.assertEqual(event["id"], "evt_1")
        self.assertEqual([request.query for request in server.requests], [{"after": "evt_0", "wait": "25"}] * 3)

    def test_a_cursor_that_has_expired_raises_its_error(self) -> None:
        with ScriptedServer(envelope(410, "cursor_expired", details={"oldest": "evt_9"})) as server:
            with self.assertRaises(CursorExpiredError) as caught:
                next(iter(Kycd(server.base_url).event_feed(after="evt_1")))
        self.assertEqual(caught.exception.details, {"oldest": "evt_9"})


if __name__ == "__main__":
    unittest.main()
