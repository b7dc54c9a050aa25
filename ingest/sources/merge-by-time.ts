import { Arrivals } from './arrivals.ts'

/** What a partition gives to the merge. */
export interface MergeInput<Item, News> {
  /** In the partition's own order, which need not be quite by time. Not changed afterwards. */
  readonly items: readonly Item[]
  /** Passed on once the items have been: the position behind them, or that the partition opened, idles or ended. */
  readonly news?: News
  /** Nothing more for now: the others go on without waiting for this partition until it gives items again. */
  readonly isIdle?: boolean
}

/** A part of the merged stream; `news` holds after its items. */
export interface Merged<Item, News> {
  readonly items: readonly Item[]
  readonly news?: News
}

interface Head<Item, News> {
  readonly partition: number
  items: readonly Item[]
  at: number
  time: number
  news: News | undefined
}

/** Bounds what one merged part holds; a part also ends when a partition's items are used up. */
const itemsMax = 4096

/**
 * Merges partitions by time, the smallest head first and ties by the partitions' order, so that the result
 * depends only on what the partitions hold. It waits for every partition that isn't idle and asks one for more
 * only when its items are used up; between two waits it goes on without one. `whole` gives all items of a partition at
 * once, the one with the smallest head first.
 */
export async function* mergeByTime<Item extends { readonly time: number }, News = never>(
  partitions: readonly AsyncIterable<MergeInput<Item, News>>[],
  whole = false,
): AsyncGenerator<Merged<Item, News>> {
  const arrivals = new Arrivals(partitions)
  const heap: Head<Item, News>[] = []
  const awaited = new Set(partitions.keys())
  try {
    for (const index of awaited) arrivals.ask(index)
    for (;;) {
      const arrived = arrivals.take().sort((left, right) => left.index - right.index)
      for (const { index, result } of arrived) {
        if (result.done) {
          awaited.delete(index)
          continue
        }
        const { items, news, isIdle } = result.value
        const first = items[0]
        if (first) {
          awaited.delete(index)
          push(heap, { partition: index, items, at: 0, time: first.time, news })
          continue
        }
        if (isIdle) awaited.delete(index)
        else awaited.add(index)
        if (news !== undefined) yield { items, news }
        arrivals.ask(index)
      }
      if (awaited.size > 0 || heap.length === 0) {
        if (heap.length === 0 && awaited.size === 0 && arrivals.asked === 0) return
        await arrivals.wait()
        continue
      }
      const { items, emptied } = whole ? takeHead(heap) : mergeHeads(heap)
      yield emptied?.news === undefined ? { items } : { items, news: emptied.news }
      if (emptied) {
        awaited.add(emptied.partition)
        arrivals.ask(emptied.partition)
      }
    }
  } finally {
    await arrivals.close()
  }
}

/** Takes all that the partition with the smallest head has given. */
function takeHead<Item, News>(heap: Head<Item, News>[]) {
  const head = heap[0]
  removeFirst(heap)
  return { items: head?.items ?? [], emptied: head }
}

/** Takes items in order until a partition has given its last one, which then leaves the heap. */
function mergeHeads<Item extends { readonly time: number }, News>(heap: Head<Item, News>[]) {
  const items: Item[] = []
  while (items.length < itemsMax) {
    const head = heap[0]
    const item = head?.items[head.at]
    if (!head || !item) break
    items.push(item)
    head.at++
    const following = head.items[head.at]
    if (!following) {
      removeFirst(heap)
      return { items, emptied: head }
    }
    head.time = following.time
    sink(heap)
  }
  return { items, emptied: undefined }
}

function isBefore(left: Head<unknown, unknown>, right: Head<unknown, unknown>): boolean {
  return left.time < right.time || (left.time === right.time && left.partition < right.partition)
}

function push<H extends Head<unknown, unknown>>(heap: H[], head: H): void {
  let at = heap.push(head) - 1
  while (at > 0) {
    const parentAt = (at - 1) >> 1
    const parent = heap[parentAt]
    if (!parent || !isBefore(head, parent)) break
    heap[at] = parent
    at = parentAt
  }
  heap[at] = head
}

function removeFirst<H extends Head<unknown, unknown>>(heap: H[]): void {
  const last = heap.pop()
  if (!last || heap.length === 0) return
  heap[0] = last
  sink(heap)
}

/** Moves the first head down to its place. */
function sink<H extends Head<unknown, unknown>>(heap: H[]): void {
  const head = heap[0]
  if (!head) return
  let at = 0
  for (;;) {
    let childAt = 2 * at + 1
    let child = heap[childAt]
    const right = heap[childAt + 1]
    if (child && right && isBefore(right, child)) {
      child = right
      childAt++
    }
    if (!child || !isBefore(child, head)) break
    heap[at] = child
    at = childAt
  }
  heap[at] = head
}
