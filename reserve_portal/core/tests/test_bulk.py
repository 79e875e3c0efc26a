import gc

import pytest

from reserve_portal.core.bulk import without_collecting


def test_the_collector_rests_within_and_works_again_afterwards():
    with without_collecting():
        assert not gc.isenabled()
        with without_collecting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_failure_does_not_leave_it_off():
    @without_collecting()
    def fail():
        raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert gc.isenabled()
