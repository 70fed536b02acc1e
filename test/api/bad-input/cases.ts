import fc, { type Arbitrary } from 'fast-check';
import { bodyFaults, unknownFields, validBody } from './bodies.js';
import type { Fault, FaultKind, HeaderList } from './fault.js';
import { headerFaults, noise, unknownHeaders } from './headers.js';
import { pathFaults, unknownParams, validParams } from './paths.js';
import { queryFaults, unknownQuery } from './queries.js';
import type { Route } from './routes.js';
import type { WireRequest } from './wire.js';
import type { World } from './world.js';

/** A valid request, what makes it a bad one, and headers that mean nothing. */
export interface BadCase {
  faults: Fault[];
  noise: HeaderList;
}

/** The cases of a route. */
export interface RouteCases {
  /** Each of them is tried in every run. */
  always: BadCase[];
  sometimes: Arbitrary<BadCase>;
  /** How many to draw. */
  draws: number;
  toRequest: (bad: BadCase) => WireRequest;
}

const DRAWS_PER_KIND = 8;

/** Parts of a route that these specs have not been taught to spoil. */
export function withoutGenerator(route: Route): string[] {
  return [
    ...unknownParams(route).map((name) => `path parameter ${name}`),
    ...unknownQuery(route).map((name) => `query parameter ${name}`),
    ...unknownHeaders(route).map((name) => `header ${name}`),
    ...unknownFields(route).map((name) => `field ${name}`),
  ];
}

export function casesOf(world: World, route: Route): RouteCases {
  const kinds = [
    ...pathFaults(world, route),
    ...queryFaults(world, route),
    ...headerFaults(world, route, validBody(route)),
    ...bodyFaults(route),
  ].filter(({ always }) => always.length > 0);
  return {
    always: kinds.flatMap(({ always }) => always.map((fault) => ({ faults: [fault], noise: [] }))),
    sometimes: fc.record({ faults: oneOrTwo(kinds), noise }),
    draws: kinds.length * DRAWS_PER_KIND,
    toRequest: (bad) => toRequest(world, route, bad),
  };
}

function oneOrTwo(kinds: FaultKind[]): Arbitrary<Fault[]> {
  // A fault that every run tries anyway is worth little compared with one that was never seen before.
  const faults = kinds.map(
    ({ always, sometimes }) => sometimes ?? fc.constantFrom(...always.filter(isSmall)),
  );
  const one = fc.oneof(...faults);
  return fc.oneof(
    { weight: 3, arbitrary: one.map((fault) => [fault]) },
    // Of two bodies, or a body and the header that spoils another one, the second could fix the first.
    { weight: 1, arbitrary: fc.tuple(one, one).map(([a, b]) => (a.body && b.body ? [a] : [a, b])) },
  );
}

const isSmall = ({ body }: Fault): boolean => (body?.bytes.length ?? 0) < 2_000_000;

function toRequest(world: World, route: Route, { faults, noise: more }: BadCase): WireRequest {
  const fault = faults.reduce<Fault>((all, next) => merge(all, next), {});
  const params = { ...validParams(world, route), ...fault.params };
  const path = route.template.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
  const body = fault.body ?? validBody(route);
  const headers = [...(fault.headers ?? []), ...more];
  const hasType = headers.some(([name]) => name === 'Content-Type');
  return {
    method: fault.method ?? route.method,
    path: `${fault.prefix ?? ''}${path}${fault.suffix ?? ''}${fault.query === undefined ? '' : `?${fault.query}`}`,
    headers: body && !hasType ? [['Content-Type', 'application/json'], ...headers] : headers,
    body,
  };
}

function merge(one: Fault, other: Fault): Fault {
  return {
    ...one,
    ...other,
    ...((one.params ?? other.params) && { params: { ...one.params, ...other.params } }),
    ...((one.headers ?? other.headers) && { headers: [...(one.headers ?? []), ...(other.headers ?? [])] }),
  };
}
