/** A named part of a line of text: the characters from `start` to before `end`. */
export interface Piece {
  readonly key: string
  readonly start: number
  readonly end: number
}
