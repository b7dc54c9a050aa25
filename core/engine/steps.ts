/** Work that is done a step after the other, with other work in between: it says after each step that it may stop there. */
export type Steps = Generator<void, void>

/** How many slots one step goes through: short beside what a person or a gateway notices, long beside a step itself. */
export const slotsPerStep = 64

/** How many steps are done between two looks at what has arrived: a few milliseconds' work. */
export const stepsPerSlice = 4
