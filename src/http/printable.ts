/** What a terminal or a log viewer would obey instead of print: line breaks, escape sequences, changes of direction. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text that came from a client, fit for one line of a log. */
export function printable (text: string): string {
  return text.replace(OBEYED, '\u{fffd}')
}
