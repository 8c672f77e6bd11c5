#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attn::app {

// A script that drives the window the way a person would. One command a line; # begins a comment; words with
// spaces stand in "double quotes" (\" \\ \n \t inside). Controls are found by their language-independent
// names, which `print names` lists. Lengths are pixels of the window.
//
//   type "text"                     characters, one key stroke a frame
//   key Ctrl+Shift+P                a chord: Ctrl, Shift, Alt + A…Z 0…9 F1…F12 Up Down Left Right Home End
//                                   PageUp PageDown Insert Delete Backspace Tab Enter Escape Space + - , . /
//                                   …
//   click "name" [double] [right] [shift] [ctrl] [alt]
//                                   in the middle of what is visible of it; fails when it is covered or off
//   hover "name"                    moves the mouse there
//   move X Y                        moves the mouse
//   drag "name" DX DY [shift] [ctrl] [alt]
//                                   presses on it, moves, lets go
//   drag "name" to "name" [shift] [ctrl] [alt]
//   scroll "name" STEPS             turns the wheel over it; down is negative
//   wait trace                      until the newest request is answered on the screen
//   wait idle                       until nothing is being computed, loaded or written
//   wait frames N                   N frames
//   wait seconds S                  of the script's own clock (1/60 s a frame); nothing sleeps
//   size W H                        of the window
//   zoom PERCENT                    75 … 250
//   clipboard "text"                puts a text on the clipboard
//   drop "path" …                   as if files were dragged onto the window
//   screenshot FILE.png
//   expect "text"                   some control, text or tooltip on the screen shows it
//   expect-not "text"
//   expect "name" STATE             on, off, enabled, disabled, hovered, focused, visible, hidden, or the
//                                   value or text that it shows
//   expect-clipboard "text"
//   print "text"                    on standard output; `print names` lists every control with its state,
//                                   `print counters` how long the frames took
//   quit                            ends the script here
struct DriveStep {
  int line = 0;  // from 1
  std::string command;
  std::vector<std::string> arguments;
};

// `name` stands in messages. Throws Error "name:line: …" for a command that does not exist or lacks
// something.
std::vector<DriveStep> parse_drive_script(std::string_view text, const std::string& name);

// "click "mask.causal"", for messages.
std::string to_text(const DriveStep& step);

}  // namespace attn::app
