//! Every model of the crate, each as a test.

use mona_loom::models;

macro_rules! models {
    ($($name:ident)+) => {
        $(#[test]
        fn $name() {
            models::$name();
        })+
    };
}

models! {
    a_budget_never_gives_more_than_there_is
    a_close_refuses_or_gets_what_comes_meanwhile
    a_command_is_seen_before_the_sleep_or_ends_it
    a_fork_local_value_is_made_once_and_seen_whole
    a_full_queue_drops_the_oldest_and_counts_them
    a_later_event_ends_an_idle_sleep
    a_spin_lock_lets_one_in_who_sees_what_the_last_one_wrote
    a_try_of_a_spin_lock_sees_what_the_last_one_wrote
    events_of_two_threads_end_an_idle_sleep
    every_event_is_held_or_counted_at_each_look
    room_that_comes_is_noticed
    the_first_event_of_a_thread_ends_an_idle_sleep
    what_a_buffer_holds_is_seen_in_the_end
}
