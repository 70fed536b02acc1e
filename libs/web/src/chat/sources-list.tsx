import { IconFileText, IconWorld } from '@tabler/icons-react';
import { lazy, Suspense, type ReactElement, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { Source } from './sources.js';
import classes from './sources-list.module.css';

// In a chunk with the Markdown parser.
const Excerpt = lazy(() => import('./excerpt.js'));

/** What an answer is based on: documents of the corpus, and pages of the web. */
export function SourcesList({ sources }: { sources: readonly Source[] }): ReactElement {
  return (
    <ul className={classes.list} aria-label="Sources">
      {sources.map((source) => (
        <li key={source.id}>
          <Target source={source}>
            <Card source={source} />
          </Target>
        </li>
      ))}
    </ul>
  );
}

interface TargetProps {
  source: Source;
  children: ReactNode;
}

/** Leads to the document or the page; a source that is neither is only named. */
function Target({ source: { id, url, isDocument }, children }: TargetProps): ReactElement {
  if (isDocument)
    return (
      <Link href={`/documents?show=${encodeURIComponent(id)}`} className={classes.source}>
        <IconFileText size={16} stroke={1.6} aria-hidden />
        {children}
      </Link>
    );
  if (url === null)
    return (
      <span className={classes.source}>
        <IconFileText size={16} stroke={1.6} aria-hidden />
        {children}
      </span>
    );
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className={classes.source}>
      <IconWorld size={16} stroke={1.6} aria-hidden />
      {children}
    </a>
  );
}

function Card({ source: { title, url, headings, passage } }: { source: Source }): ReactElement {
  return (
    <>
      <span className={classes.title} dir="auto">
        {title}
      </span>
      {url !== null && <span className={classes.headings}>{new URL(url).host}</span>}
      {headings.length > 0 && (
        <span className={classes.headings} dir="auto">
          {headings.join(' · ')}
        </span>
      )}
      {passage !== '' && (
        <span className={classes.excerpt} dir="auto">
          <Suspense>
            <Excerpt markdown={passage} />
          </Suspense>
        </span>
      )}
    </>
  );
}
