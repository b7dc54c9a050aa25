/** A topic by its name, or all whose names match. */
export type TopicChoice = string | RegExp

/** Whether one of the positions is of a topic that the same entry takes: then the topic appeared since the first start. */
export function wasRead(read: readonly string[], choices: readonly TopicChoice[], topic: string): boolean {
  const choice = choices.find((one) => takes(one, topic))
  return choice !== undefined && read.some((other) => takes(choice, other))
}

/** Kafka's own topics, and ours: what stands there is no event. */
function isInternal(topic: string): boolean {
  return topic.startsWith('__') || topic.startsWith('picket.')
}

/** Whether the entry takes the topic. Patterns never take internal topics; who names one means it. */
export function takes(choice: TopicChoice, topic: string): boolean {
  if (typeof choice === 'string') return choice === topic
  return !isInternal(topic) && choice.test(topic)
}

/** Which of the topics that there are to read, in order of their names. */
export function chosenTopics(choices: readonly TopicChoice[], known: readonly string[]): string[] {
  return known.filter((topic) => choices.some((choice) => takes(choice, topic))).sort()
}

/** Topics that are named and not there. */
export function missingTopics(choices: readonly TopicChoice[], known: readonly string[]): string[] {
  return choices.filter((choice) => typeof choice === 'string').filter((topic) => !known.includes(topic))
}
