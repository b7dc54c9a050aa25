/** Whether the first byte that is no blank, behind a byte-order mark if there is one, opens a JSON object. */
export function opensObject(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === 0xef ? start + 3 : start
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++
  return at < end && bytes[at] === 0x7b
}
