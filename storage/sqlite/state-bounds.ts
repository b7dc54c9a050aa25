/** The newest dead letters that are kept; counts of all belong to marks and metrics. */
export const deadLettersMax = 10_000

/**
 * A finding whose last event is this much older than the newest finding's can neither change nor be continued.
 * Measured in event time: a backlog of yesterday has open findings of yesterday.
 */
export const openFindingsMs = 48 * 3_600_000
