/** A longer record is not decoded: an access log line is some hundred bytes, and the limit bounds memory. */
export const recordBytesMax = 64 * 1024

/** How much of a record over the limit is kept, for the dead letter. */
export const truncatedBytes = 4 * 1024
