/** Where audit trails are kept, as the settings say. */
import type { AuditSettings } from '../../settings/audit/schema';
import { fileSink } from './file';
import { logsSink } from './logs';
import { s3Sink } from './s3';
import type { AuditSink } from './sink';

const opened = new Map<string, AuditSink>();

/** One for the same settings. */
export function sinkOf(settings: AuditSettings): AuditSink {
  const key = JSON.stringify(settings);
  const sink = opened.get(key) ?? open(settings);
  opened.set(key, sink);
  return sink;
}

function open(settings: AuditSettings): AuditSink {
  switch (settings.kind) {
    case 'file':
      return fileSink(settings.folder);
    case 's3':
      return s3Sink(settings);
    case 'logs':
      return logsSink(settings);
  }
}
