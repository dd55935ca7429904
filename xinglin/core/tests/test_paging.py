from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from xinglin.core.models import RateCount
from xinglin.core.paging import paginate, slice_by_key


class TestPaging(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(counts=st.lists(st.integers(0, 5), max_size=23), size=st.integers(1, 7), falls=st.booleans())
    def test_forwards_and_backwards_every_row_comes_once_in_order(
        self, counts: list[int], size: int, falls: bool
    ) -> None:
        RateCount.objects.all().delete()
        RateCount.objects.bulk_create(
            RateCount(key=f"{n:03}", count=count, window_ends_at="2026-01-01T00:00Z")
            for n, count in enumerate(counts)
        )
        order = ["-count" if falls else "count", "key"]
        wanted = list(RateCount.objects.order_by(*order).values_list("key", flat=True))

        pages, cursor, previous = [], "", ""
        while True:
            rows, following, previous = slice_by_key(
                RateCount.objects.all(), order=order, size=size, cursor=cursor
            )
            pages.append([row.key for row in rows])
            if not following:
                break
            cursor = following
        assert [key for page in pages for key in page] == wanted

        for page in reversed(pages[:-1]):
            rows, following, previous = slice_by_key(
                RateCount.objects.all(), order=order, size=size, cursor=previous
            )
            assert [row.key for row in rows] == page
            assert following
        assert not previous

    def test_a_cursor_from_elsewhere_starts_at_the_beginning(self) -> None:
        RateCount.objects.create(key="a", window_ends_at="2026-01-01T00:00Z")
        request = RequestFactory().get("/", {"cursor": "bm9uc2Vuc2U", "q": "邓"})

        with self.assertNumQueries(2):
            page = paginate(request, RateCount.objects.all(), order=("key",))

        assert [row.key for row in page] == ["a"]
        assert (page.next_url, page.prev_url, page.total_label) == ("", "", "1")
