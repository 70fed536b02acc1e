import { IconFileText } from '@tabler/icons-react';
import { lazy, Suspense, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { Source } from './sources.js';
import classes from './sources-list.module.css';

// In a chunk with the Markdown parser.
const Excerpt = lazy(() => import('./excerpt.js'));

/** The documents an answer is based on. */
export function SourcesList({ sources }: { sources: readonly Source[] }): ReactElement {
  return (
    <ul className={classes.list} aria-label="Sources">
      {sources.map((source) => (
        <li key={source.documentId}>
          <Link href={`/documents?show=${source.documentId}`} className={classes.source}>
            <IconFileText size={16} stroke={1.6} aria-hidden />
            <span className={classes.title} dir="auto">
              {source.title}
            </span>
            {source.headings.length > 0 && (
              <span className={classes.headings} dir="auto">
                {source.headings.join(' · ')}
              </span>
            )}
            <span className={classes.excerpt} dir="auto">
              <Suspense>
                <Excerpt markdown={source.passage} />
              </Suspense>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
