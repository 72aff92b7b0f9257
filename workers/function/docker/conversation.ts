import type { Outcome } from '../backend.ts'
import type { Channel } from './frames.ts'

/** What is said to a container and heard from it, without knowing of engines. */
export interface Conversation<End = Outcome> {
  /** Resolves as soon as the end is known; the container is not needed any more then. */
  readonly over: Promise<End>
  /** The container runs: say what there is to say. */
  begin(stdin: NodeJS.WritableStream): void
  hear(channel: Channel, bytes: Buffer): void
  /** The container ended by itself, and everything was heard. @param code null where the engine could not say */
  exited(code: number | null): End
}
