import { readFileSync } from 'node:fs'

/** Linux counts processor time for programs in hundredths of a second, whatever the kernel's own clock. */
const msPerTick = 10

/** Processor time of a process and its threads so far, milliseconds; `NaN` where the system does not tell (proc(5), `stat`). */
export function processorMs(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is a name in brackets, which may hold blanks.
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return ((user ?? Number.NaN) + (system ?? Number.NaN)) * msPerTick
  } catch {
    return Number.NaN
  }
}
