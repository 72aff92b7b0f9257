import { isRecord } from '../message.ts'

const NAME = 'io.modelcontextprotocol/tasks'

/** What a client declares to be given tasks (SEP-2663). */
export const TASKS: Readonly<Record<'extensions', Readonly<Record<string, unknown>>>> = { extensions: { [NAME]: {} } }

/** Whether it has. */
export const hasTasks = ({ extensions }: Readonly<Record<string, unknown>>): boolean =>
  isRecord(extensions) && isRecord(extensions[NAME])
