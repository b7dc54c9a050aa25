/**
 * Says `ready` as long as there is something, and `idle` once whenever there was nothing for that long, until the
 * signal aborts. `wait` returns whether there is something, and otherwise calls back once there may be.
 */
export async function* batchesOrIdle(
  wait: (done: () => void) => boolean,
  idleMs: number,
  signal: AbortSignal,
): AsyncGenerator<'ready' | 'idle'> {
  let isIdle = false
  while (!signal.aborted) {
    const came = await readyOrIdle(wait, isIdle ? undefined : idleMs, signal)
    if (came === undefined) return
    isIdle = came === 'idle'
    yield came
  }
}

/** `undefined` when the signal aborts before. */
function readyOrIdle(
  wait: (done: () => void) => boolean,
  idleMs: number | undefined,
  signal: AbortSignal,
): Promise<'ready' | 'idle' | undefined> {
  return new Promise((resolve) => {
    const finish = (came?: 'ready' | 'idle') => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      resolve(came)
    }
    const aborted = () => finish()
    const timer = idleMs === undefined ? undefined : setTimeout(finish, idleMs, 'idle')
    signal.addEventListener('abort', aborted)
    if (wait(() => finish('ready'))) finish('ready')
  })
}
