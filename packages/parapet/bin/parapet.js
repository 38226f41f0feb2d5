#!/usr/bin/env node
// Before anything of ours is loaded: an older Node fails in the middle of it, and says nothing that helps.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(
    `PARAPET_CLI_NODE_TOO_OLD: This is Node ${process.versions.node}. Parapet needs Node 22.13 or later: install it, or put it first in PATH.`,
  )
  process.exitCode = 1
} else await import('../dist/main.js')
