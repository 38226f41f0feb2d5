/** What `test/tooling.test.ts` forks, as model hosts are forked: a .ts file on Node itself. */
process.send?.({ found: import.meta.resolve('@parapet/sdk'), version: process.versions.node })
