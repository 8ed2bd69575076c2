#pragma once
/// Ctrl-C and the other signals that ask a command to end: INT, TERM, HUP, QUIT.

namespace pleura::command {

/// Thrown where work can stop, so that temporary files are removed on the way out.
struct Interrupted {};

/// From here on the first of these signals asks the work to stop at its next step, and calls that block (a pipe that
/// nobody writes to) fail; another, half a second later or more, stops at once. SIGHUP stays ignored under nohup.
void watch_interrupts();

[[nodiscard]] bool interrupted();

/// Throws Interrupted if a signal came.
void stop_if_interrupted();

/// Says that the command was interrupted and dies of the signal that came, without leaving a core.
[[noreturn]] void die_of_interrupt();

}  // namespace pleura::command
