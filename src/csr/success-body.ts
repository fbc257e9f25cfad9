/**
 * The exact bytes of a transcript: `{"text":"…"}`, one key, compact, UTF-8 unescaped, no newline at the end. Clients
 * cut nine characters off the front and two off the back (fidelity.md, source 2 and 11).
 */
export function renderTranscript (text: string): string {
  return `{"text":${JSON.stringify(text)}}`
}
