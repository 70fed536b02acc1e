import { useState } from 'react';
import type { Exchange, Version } from './exchanges.js';

/** A place of the conversation in the version that is shown. */
export interface Shown {
  readonly exchange: Exchange;
  /** Index of the version. */
  readonly at: number;
}

/** Place → the version that the reader has picked there. */
export type Picks = ReadonlyMap<string, string>;

/** The version of a question that was asked when the server knew no branches: what followed it followed all versions. */
const isOfNoBranch = ({ question }: Version): boolean => question?.parent_message_id === undefined;

/**
 * One branch of the conversation from top to bottom: that of the newest question, unless the reader has picked other
 * versions; below a version that was picked, the branch that was continued last.
 */
export function shownBranch(exchanges: readonly Exchange[], picks: Picks): Shown[] {
  const tree = new Tree(exchanges);
  let path = tree.pathTo(tree.newest(() => true));
  for (let index = 0; index < path.length; index++) {
    const version = path[index];
    const exchange = version && tree.placeOf(version);
    const picked = exchange?.versions.find(({ id }) => id === picks.get(exchange.id));
    if (!picked || picked === version || isOfNoBranch(picked)) continue;
    path = tree.pathTo(tree.newest((one) => tree.pathTo(one).includes(picked)) ?? picked);
  }
  return path.flatMap((version) => {
    const exchange = tree.placeOf(version);
    return exchange ? [{ exchange, at: shownAt(exchange, version, picks.get(exchange.id)) }] : [];
  });
}

function shownAt({ versions }: Exchange, onPath: Version, pick: string | undefined): number {
  const picked = versions.findIndex(
    (version) => version.id === pick && (version === onPath || isOfNoBranch(version)),
  );
  if (picked >= 0) return picked;
  const place = versions.indexOf(onPath);
  return Math.max(
    place,
    versions.findLastIndex((version) => isOfNoBranch(version) && version.question !== null),
  );
}

class Tree {
  private readonly places = new Map<Version, Exchange>();
  private readonly byId = new Map<string, Version>();

  constructor(private readonly exchanges: readonly Exchange[]) {
    for (const exchange of exchanges) {
      for (const version of exchange.versions) {
        this.places.set(version, exchange);
        this.byId.set(version.id, version);
      }
    }
  }

  placeOf(version: Version): Exchange | undefined {
    return this.places.get(version);
  }

  /** The newest question among some that know their branch; if none does, the last one. */
  newest(isWanted: (version: Version) => boolean): Version | undefined {
    const wanted = [...this.places.keys()].filter((version) => !isOfNoBranch(version) && isWanted(version));
    const newest = wanted.sort((a, b) => a.order - b.order).at(-1);
    return newest ?? this.exchanges.at(-1)?.versions.at(-1);
  }

  /** From the first loaded question to this one. */
  pathTo(version: Version | undefined): Version[] {
    const path: Version[] = [];
    for (let at = version; at && !path.includes(at); at = this.before(at)) path.unshift(at);
    return path;
  }

  private before(version: Version): Version | undefined {
    const parent = version.question?.parent_message_id;
    if (parent === null) return undefined;
    if (parent !== undefined) return this.byId.get(parent);
    const place = this.exchanges.findIndex((exchange) => exchange === this.places.get(version));
    return this.exchanges[place - 1]?.versions.at(-1);
  }
}

/** The branch that a reader looks at: a link leads to one, the arrows to others, and a new question to its own. */
export function useBranch(
  exchanges: readonly Exchange[],
  target: string | null,
): [readonly Shown[], (place: string, version: string) => void] {
  const newest = new Tree(exchanges).newest(() => true)?.id;
  const [state, setState] = useState({ newest, target, linked: target, picks: NO_PICKS });
  let { picks, linked } = state;
  if (state.newest !== newest || state.target !== target) {
    const isNews = state.newest !== undefined && state.newest !== newest;
    linked = state.target !== target || !isNews ? target : null;
    picks = isNews ? NO_PICKS : picks;
    setState({ newest, target, linked, picks });
  }
  const linkedTo = exchanges.find(({ versions }) => versions.some(({ id }) => id === linked));
  const all = linkedTo && linked !== null ? withTarget(exchanges, linkedTo, linked, picks) : picks;
  const pick = (place: string, version: string): void => {
    setState({ newest, target, linked: null, picks: new Map([...all, [place, version]]) });
  };
  return [shownBranch(exchanges, all), pick];
}

const NO_PICKS: Picks = new Map();

/** The picks that lead to a message, and those of the reader. */
function withTarget(exchanges: readonly Exchange[], { id }: Exchange, target: string, picks: Picks): Picks {
  const tree = new Tree(exchanges);
  const version = exchanges.flatMap(({ versions }) => versions).find((one) => one.id === target);
  const way = tree.pathTo(version).flatMap((one): [string, string][] => {
    const place = tree.placeOf(one);
    return place ? [[place.id, one.id]] : [];
  });
  return new Map([...way, [id, target], ...picks]);
}
