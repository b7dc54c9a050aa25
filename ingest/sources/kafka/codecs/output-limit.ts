/**
 * Most bytes that a batch may have decompressed. Brokers take about 1 MB compressed, of which logs make some 20 MB; zeros
 * would make gigabytes.
 */
export const batchBytesMax = 64 * 1024 * 1024

/** A batch that would take too much memory. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
  constructor() {
    super(`more than ${batchBytesMax / 1024 / 1024} MB decompressed`)
  }
}
