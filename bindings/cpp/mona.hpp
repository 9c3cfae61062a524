/*
 * mona.hpp: libmona for C++17 and later. Header-only, over mona.h and the library; nothing else is needed.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 *   mona::client client;                                 // made from the environment
 *   mona::context run{client, "classifier"};
 *   run.send({{"confidence", 0.97}, {"label", "cat"}}).ignore();
 *   return client.close(5s) ? 0 : 1;
 *
 * Types     options, client, context (handles, move-only); scope, sub_scope (the calling thread's context, left by
 *           their destructors); stack, stack_scope, stack_sub_scope (the same for tasks, as a value); field, json
 *           (what is sent); status, result, error.
 * Failures  What can fail answers a status, or a result: a status with a value. Nothing throws but memory that is
 *           lacking, and what says so: the constructors of options, client and context, context::sub(), or_throw()
 *           and value() throw mona::error. Those are not there under -fno-exceptions; make() and make_sub() do the
 *           same without.
 * Text      UTF-8, from literals, std::string, std::string_view and char8_t; only looked at during the call.
 * Time      std::chrono throughout: time-outs are durations, rounded up to milliseconds; timestamps are points of
 *           std::chrono::system_clock.
 * Moved     A handle that was moved from answers MONA_E_ARGUMENT to all calls, as NULL does in C.
 *
 * What a call does, what it answers, which threads may call it: mona.h says so at the function of that name. `export`
 * is a keyword of C++; it is send() here.
 */
#ifndef MONA_HPP
#define MONA_HPP

#include "mona/client.hpp"
#include "mona/context.hpp"
#include "mona/current.hpp"
#include "mona/field.hpp"
#include "mona/log.hpp"
#include "mona/options.hpp"
#include "mona/spool.hpp"
#include "mona/stack.hpp"
#include "mona/status.hpp"
#include "mona/text.hpp"
#include "mona/time.hpp"

#endif
