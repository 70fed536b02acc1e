import { useMemo, type ReactElement } from 'react';
import type { Replay } from '../data/replay.js';
import { figureRows } from '../model/figure-rows.js';
import classes from './compare-figures.module.css';

/** The figures of both runs, one below the other. */
export function CompareFigures({ left, right }: { left: Replay; right: Replay }): ReactElement {
  const rows = useMemo(() => figureRows(left.figures, right.figures), [left.figures, right.figures]);
  return (
    <div className={classes.scroller} tabIndex={0} role="region" aria-label="Figures">
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            {rows.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">A</th>
            {rows.map((row) => (
              <td key={row.label}>{row.left}</td>
            ))}
          </tr>
          <tr>
            <th scope="row">B</th>
            {rows.map((row) => (
              <td key={row.label}>{row.right}</td>
            ))}
          </tr>
          <tr className={classes.changes}>
            <th scope="row">B − A</th>
            {rows.map(({ label, change, isBetter }) => (
              <td key={label} data-better={isBetter ?? undefined}>
                {change}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  );
}
