#!/usr/bin/env bash
# zod 4.6.7.
#
# `z.unknown()` and `z.any()` accept undefined, and zod 3 accepted an object without such a key. zod 4.6.7 rejects one whose
# key is missing, and accepts one whose key is present with the value undefined: "read whatever is under this key" needs
# `.optional()` (or `.catch`), or every message without the field is an error.
#
# Seen: "missing: false, undefined: true, optional: true", and zod 3.25.76 "missing: true".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 zod3@npm:zod@3.25.76

cat >look.mjs <<'JS'
import { z } from 'zod';
import { z as z3 } from 'zod3';

const accepts = (schema, value) => schema.safeParse(value).success;
const missing = accepts(z.object({ a: z.unknown() }), {});
const undefinedValue = accepts(z.object({ a: z.unknown() }), { a: undefined });
const optional = accepts(z.object({ a: z.unknown().optional() }), {});
const before = accepts(z3.object({ a: z3.unknown() }), {});
console.log(`missing: ${missing}, undefined: ${undefinedValue}, optional: ${optional}`);
console.log(`zod 3.25.76: missing: ${before}`);
process.exit(!missing && undefinedValue && optional && before ? 0 : 1);
JS
node look.mjs
