/** What whoever asks about a whole zone reads while the answer takes its time. */
export const readsWholeZone =
  'Still reading: what is there of many applications takes minutes, within the rates at which AWS answers.';
