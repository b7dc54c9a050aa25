/** The package has no types of its own. */
declare module 'lz4js' {
  /** Writes the block's bytes to `target` from `targetAt`; returns the place behind the last, which may be outside. */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceAt: number,
    sourceLength: number,
    targetAt: number,
  ): number
}
