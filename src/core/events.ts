import type { Events, Log, Topic, Topics } from '../contract/house.ts'

type Listener = (body: Topics[Topic]) => void

/** In-process announcements, delivered at once and in order. */
export function createEvents(log: Log): Events {
  const listeners = new Map<Topic, Set<Listener>>()
  return {
    publish(topic, body) {
      for (const listener of listeners.get(topic) ?? []) {
        try {
          listener(body)
        } catch (cause) {
          log.error({ err: cause, topic }, 'events.listener_failed')
        }
      }
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set()
      listeners.set(topic, set)
      set.add(listener as Listener)
      return () => set.delete(listener as Listener)
    },
  }
}
