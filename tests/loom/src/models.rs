//! What is run: one function for each promise, which panics when an order of steps breaks it.

mod cells;
mod queue;
mod spin;
mod spool;
mod wake;

use crate::run::Model;

macro_rules! models {
    ($($file:ident: $($name:ident)+;)+) => {
        /// All of them, with their names.
        pub(crate) const ALL: &[Model] = &[$($((stringify!($name), $file::$name)),+),+];
    };
}

models! {
    spin: a_spin_lock_lets_one_in_who_sees_what_the_last_one_wrote a_try_of_a_spin_lock_sees_what_the_last_one_wrote;
    cells: a_fork_local_value_is_made_once_and_seen_whole threads_that_settle_at_once_agree;
    wake: a_command_is_seen_before_the_sleep_or_ends_it
        what_an_informed_sender_was_not_told_it_finds_after_its_sleep a_last_flush_is_seen_before_the_sleep_or_ends_it
        the_first_event_of_a_thread_ends_an_idle_sleep
        a_later_event_ends_an_idle_sleep events_of_two_threads_end_an_idle_sleep;
    queue: a_budget_never_gives_more_than_there_is every_event_is_held_or_counted_at_each_look
        a_close_refuses_or_gets_what_comes_meanwhile a_full_queue_drops_the_oldest_and_counts_them
        a_thread_that_waits_for_room_wakes_the_sender_and_hears_of_it;
    spool: no_chunk_overtakes_one_that_goes_over_the_disk no_chunk_overtakes_one_that_the_disk_refused
        chunks_that_are_written_first_are_sent_in_their_order;
}
