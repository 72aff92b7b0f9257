/** Imports run one way: contract → queue → core | mcp → module → transport → cli → main. Nothing imports workers. */
const layer = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } })

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    layer('contract-stands-on-nothing', '^src/contract/', '^(src/(core|mcp|module|transport|config|cli)|queue|workers)/'),
    layer('queue-knows-only-the-contract', '^queue/', '^(src/(core/(?!churn)|mcp|module|transport|config|cli)|workers)/'),
    layer('churn-stands-on-nothing', '^src/core/churn/', '^(src/(?!core/churn)|queue|workers)'),
    layer(
      'schema-stands-on-the-contract',
      '^src/core/schema/',
      '^(src/(core/(?!schema)|mcp|module|transport|config|cli)|queue|workers)/',
    ),
    layer(
      'egress-stands-on-the-contract',
      '^src/core/egress/',
      '^(src/(core/(?!egress)|mcp|module|transport|config|cli)|queue|workers)/',
    ),
    layer(
      'workers-know-contract-queue-schema-and-egress',
      '^workers/',
      '^src/(core/(?!schema|egress|churn)|mcp|module|transport|config|cli|supervisor)/',
    ),
    layer('core-knows-no-module', '^src/core/', '^(src/(mcp|module|transport|config|cli)|workers)/'),
    layer(
      'mcp-knows-no-core-and-no-module',
      '^src/mcp/',
      '^(src/(core/(?!egress|churn)|module|transport|config|cli)|queue|workers)/',
    ),
    layer('modules-know-no-transport', '^src/module/', '^(src/(transport|config|cli)|workers)/'),
    layer('transports-know-no-module', '^src/transport/', '^(src/(module|config|cli)|workers)/'),
    layer('config-knows-no-module', '^src/config/', '^(src/(mcp|module|transport|cli)|queue|workers)/'),
    layer('nothing-imports-workers', '^(src|queue)/', '^workers/'),
    {
      name: 'modules-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/module/([^/]+)/' },
      to: { path: '^src/module/([^/]+)/', pathNot: '^src/module/$1/' },
    },
    {
      name: 'no-dev-dependencies-in-the-program',
      severity: 'error',
      from: { path: '^(src|queue|workers)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
