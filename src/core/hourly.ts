import type { House } from '../contract/house.ts'
import type { Service } from '../contract/module.ts'
import { periodic, type Work } from './periodic.ts'

const HOUR_MS = 3_600_000

/** A service that does something once at its start and then every hour; never two at a time, and cut short when it stops. */
export const hourly = (house: Pick<House, 'nowMs' | 'background'>, failedEvent: string, work: Work): Service =>
  periodic(house, HOUR_MS, failedEvent, work)
