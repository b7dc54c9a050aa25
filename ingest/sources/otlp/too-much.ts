/** A request holds more than is taken at once; the message says of what. */
export class TooMuch extends Error {}
