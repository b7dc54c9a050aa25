import { zoneMinutes } from './instant.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const shape = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? ([+-]\d{4})$/

/** Epoch milliseconds of `17/May/2015:10:05:03 +0000`, the time of common and combined logs. */
export function logTime(text: string): number | undefined {
  const parts = shape.exec(text)
  if (!parts) return undefined
  const [, day, monthName = '', year, hour, minute, second, fraction = '', zone = ''] = parts
  const month = months.indexOf(monthName)
  const offset = zoneMinutes(zone)
  if (month < 0 || offset === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return undefined
  }
  const date = new Date(Date.UTC(Number(year), month, Number(day)))
  if (date.getUTCDate() !== Number(day)) return undefined
  const seconds = (Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)
  const time = date.getTime() + seconds * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3))
  return time >= 0 ? time : undefined
}

/** The same, remembering the last text: lines of one second come together. */
export function logTimeReader(): (text: string) => number | undefined {
  let lastText = ''
  let lastTime: number | undefined
  return function readLogTime(text) {
    if (text !== lastText) {
      lastText = text
      lastTime = logTime(text)
    }
    return lastTime
  }
}
