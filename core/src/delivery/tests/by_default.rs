//! The twins of tests that set quick options: the same with those that users have.

use std::cell::Cell;

thread_local! {
    static IS_TWIN: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread runs a twin.
pub(super) fn is_twin() -> bool {
    IS_TWIN.get()
}

macro_rules! twins {
    ($($module:ident { $($test:ident)* })*) => {$($(
        #[test]
        #[ignore = "slow: make test-slow"]
        fn $test() {
            IS_TWIN.set(true);
            super::$module::$test();
        }
    )*)*};
}

twins! {
    causes {
        too_large_a_chunk_is_halved_and_too_large_an_event_dropped
        what_was_taken_in_part_is_settled_in_part
        a_collector_is_left_alone_for_as_long_as_it_asks
        a_slow_collector_gets_each_chunk_a_bounded_number_of_times
    }
    failover {
        the_next_endpoint_gets_what_the_first_one_left
        the_first_choice_serves_again_when_it_is_back
        an_endpoint_that_takes_nothing_is_left_for_one_that_does
        bad_events_are_found_out_among_several_endpoints
        all_endpoints_down_and_up_again
    }
    flapping {
        every_third_connection_is_closed
        a_disk_is_full_for_moments
        what_is_refused_for_a_second_and_a_half_is_delivered_where_losses_are_no_answer
        a_bad_event_goes_all_the_same_and_holds_up_nothing
    }
    refusals {
        three_bad_events_in_ten_thousand_cost_themselves_only
        a_missing_ack_is_a_refusal_too
        many_bad_events_go_as_well
        an_event_that_was_there_twice_when_a_collector_died_is_not_blamed
        a_collector_that_keeps_dying_costs_no_event
        order_survives_a_lost_connection
    }
}
