/** undici's Agent alone: its index also loads fetch, WebSocket, caches and mocks, 80 files and 6 MB of memory that nothing here uses. */
declare module 'undici/lib/dispatcher/agent.js' {
  const Agent: typeof import('undici').Agent
  type Agent = import('undici').Agent
  export default Agent
}
