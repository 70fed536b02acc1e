import '@mantine/dropzone/styles.css';
import { Text, TextInput } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFiles, IconSearch, IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState, type ReactElement } from 'react';
import { useSearchParams } from 'wouter';
import { refreshDocuments, useDocuments } from '../api/documents.js';
import { PageHeader } from '../shell/page-header.js';
import { plural } from '../ui/format.js';
import { LateLoader } from '../ui/late-loader.js';
import { LoadError } from '../ui/load-error.js';
import states from '../ui/states.module.css';
import { useTitle } from '../ui/use-title.js';
import { DocumentDrawer } from './document-drawer.js';
import { DocumentList } from './document-list.js';
import { UploadList } from './upload-list.js';
import { upload, useUploads } from './uploads.js';
import classes from './documents.module.css';

const PAUSE_MS = 150;

/** The corpus: what the search tool reads. */
export default function DocumentsPage(): ReactElement {
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), PAUSE_MS);
  const list = useDocuments(wanted);
  const [search, setSearch] = useSearchParams();
  const show = (id: string | null): void => {
    setSearch(id === null ? {} : { show: id }, { replace: id === null });
  };
  const onAdded = useCallback(() => void refreshDocuments(queries), [queries]);
  useTitle('Documents');
  return (
    <>
      <PageHeader title="Documents">
        <span className={classes.count}>
          {list.data && wanted === '' && plural(list.data.total, 'document')}
        </span>
      </PageHeader>
      <div className={classes.scroller}>
        <div className={classes.column}>
          <Drop onAdded={onAdded} />
          <UploadList uploads={useUploads()} onAdded={onAdded} />
          <Filter text={text} onChange={setText} />
          <Found list={list} filter={wanted} onShow={show} />
        </div>
      </div>
      <DocumentDrawer
        id={search.get('show')}
        onClose={() => {
          show(null);
        }}
      />
    </>
  );
}

function Filter({ text, onChange }: { text: string; onChange: (text: string) => void }): ReactElement {
  return (
    <TextInput
      aria-label="Filter by title"
      placeholder="Filter by title…"
      leftSection={<IconSearch size={16} stroke={1.7} />}
      value={text}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}

interface FoundProps {
  list: ReturnType<typeof useDocuments>;
  filter: string;
  onShow: (id: string) => void;
}

function Found({ list, filter, onShow }: FoundProps): ReactElement | null {
  const { data, error, hasNextPage, isFetchingNextPage } = list;
  if (error && !data) return <LoadError error={error} onRetry={() => void list.refetch()} />;
  if (!data) return <LateLoader />;
  if (data.items.length === 0) return <Nothing filter={filter} />;
  return (
    <DocumentList
      documents={data.items}
      onShow={onShow}
      onMore={hasNextPage ? () => void list.fetchNextPage() : null}
      isBusy={isFetchingNextPage}
    />
  );
}

function Drop({ onAdded }: { onAdded: () => void }): ReactElement {
  return (
    <Dropzone
      className={classes.drop ?? ''}
      aria-label="Add documents"
      inputProps={{ 'aria-label': 'Files' }}
      onDrop={(files) => {
        upload(files, onAdded);
      }}
    >
      <div className={classes.dropInside}>
        <IconUpload size={22} stroke={1.6} aria-hidden />
        <Text size="sm" fw={500}>
          Drop files here, or click to choose
        </Text>
        <Text size="xs" c="dimmed">
          Text, Markdown and PDF. Agents can use them at once.
        </Text>
      </div>
    </Dropzone>
  );
}

function Nothing({ filter }: { filter: string }): ReactElement {
  return (
    <div className={states.state} role="status">
      <IconFiles size={28} stroke={1.5} aria-hidden />
      <h2>{filter === '' ? 'No documents yet' : 'Nothing found'}</h2>
      <p>
        {filter === ''
          ? 'Agents search and quote the documents you add here.'
          : `No title contains “${filter}”.`}
      </p>
    </div>
  );
}
