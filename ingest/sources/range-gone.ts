/** What was read once is not there any more, in whole or in part. The message says what, where and why. */
export class RangeGone extends Error {
  override readonly name = 'RangeGone'
}
