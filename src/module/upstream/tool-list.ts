import { createHash } from 'node:crypto'
import type { House } from '../../contract/house.ts'
import { scrubValue } from '../../core/scrub-value.ts'
import type { Connection } from '../../mcp/client/connection.ts'
import { listTools, type ToolListing } from '../../mcp/client/list-tools.ts'
import { connectFaultText } from './fault-of.ts'
import type { Link } from './link.ts'
import type { Tail } from './tail.ts'
import { type Catalogue, upstreamTools } from './upstream-tools.ts'

interface ToolListParts {
  /** The connection that is asked; `undefined` while there is none. */
  readonly base: () => Connection | undefined
  readonly tail: Tail
  readonly background: House['background']
  readonly onChange: () => void
}

/** Servers announce changes in bursts. */
const DEBOUNCE_MS = 100
/** Taking a list may keep the gateway busy for at most this part of the time, however often it changes. */
const PAUSE_FACTOR = 20

/** The tools of one upstream, as it last listed them. */
export class ToolList {
  readonly #link: Link
  readonly #parts: ToolListParts
  #catalogue: Catalogue = { tools: [], leftOut: [], notes: [] }
  #digest = ''
  #timer: NodeJS.Timeout | undefined
  #pauseUntil = 0

  constructor(link: Link, parts: ToolListParts) {
    this.#link = link
    this.#parts = parts
  }

  get catalogue(): Catalogue {
    return this.#catalogue
  }

  /** Take over what was listed; nothing happens where it is what we know. */
  take(listing: ToolListing): void {
    const before = performance.now()
    // Lists of tools do not pass the door, and a server may write its own environment into a description.
    this.#take(scrubValue(listing))
    const after = performance.now()
    this.#pauseUntil = after + (after - before) * PAUSE_FACTOR
  }

  #take(listing: ToolListing): void {
    const digest = createHash('sha256').update(JSON.stringify(listing)).digest('hex')
    if (digest === this.#digest) return
    this.#digest = digest
    this.#catalogue = upstreamTools(this.#link, listing)
    for (const { tool, reason } of this.#catalogue.leftOut) this.#parts.tail.add('gateway', `left out tool ${tool}: ${reason}`)
    this.#parts.onChange()
  }

  /** There are none any more. */
  clear(): void {
    clearTimeout(this.#timer)
    this.take({ tools: [], cutShort: undefined })
  }

  /** The server said that its list is another one now. */
  refresh(): void {
    clearTimeout(this.#timer)
    const waitMs = Math.max(DEBOUNCE_MS, this.#pauseUntil - performance.now())
    this.#timer = setTimeout(() => this.#parts.background('upstream.relist_failed', this.#listAgain()), waitMs)
    this.#timer.unref()
  }

  async #listAgain(): Promise<void> {
    const connection = this.#parts.base()
    if (connection === undefined) return
    try {
      const listing = await listTools(connection, { timeoutMs: this.#link.definition.idleTimeoutMs })
      if (this.#parts.base() === connection) this.take(listing)
    } catch (thrown) {
      // The next check finds out what is wrong with it.
      this.#parts.tail.add('gateway', `its changed list of tools could not be read: ${connectFaultText(thrown)}`)
    }
  }
}
