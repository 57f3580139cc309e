import { NotTried, outcomeOf, type Try } from '../try';

/** Reads an image with and without acceptedMediaTypes. */
export const imageIndex: Try = {
  name: 'image-index',
  question: 'Which manifest does BatchGetImage give for an index without acceptedMediaTypes?',
  assumes: 'Possibly a converted one, so cutover asks for the manifest types that it reads.',
  run: async ({ account, options: { image } }) => {
    if (image === undefined) throw new NotTried('give --image REPOSITORY:TAG');
    const [repositoryName = '', imageTag = ''] = image.split(':');
    const types: Record<string, unknown> = {};
    const ask = (accepted: string[] | undefined) =>
      outcomeOf(async () => {
        const answer = await account.ecr.batchGetImage({
          repositoryName,
          imageIds: [{ imageTag }],
          ...(accepted && { acceptedMediaTypes: accepted }),
        });
        const given = answer.images?.[0]?.imageManifestMediaType ?? answer.failures?.[0]?.failureCode ?? null;
        types[accepted ? 'withIndexType' : 'withoutTypes'] = given;
      });
    const outcomes = [await ask(undefined), await ask(['application/vnd.oci.image.index.v1+json'])];
    return { ...types, outcomes };
  },
};
