/** The package has no types of its own. */
declare module 'snappyjs' {
  /** Throws for what is no block, or would be longer than `maxLength` bytes. */
  export function uncompress(compressed: Buffer, maxLength?: number): Buffer
}
