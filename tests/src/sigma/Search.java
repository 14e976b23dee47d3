import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.core.KeywordAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.store.RAMDirectory;
import org.apache.lucene.util.Version;

/**
 * Reads a number, so many queries, and events, each on a line, fields and values with a unit separator between them; writes
 * for each query the events it finds. Fields are keywords, as Elasticsearch has them: whole, in their case of letters,
 * but for those that are called caseless; with an argument as if all were.
 */
public final class Search {
    private static final String BETWEEN = "\u001f";

    private static boolean folds;

    private static String kept(String field, String value) {
        return folds || field.endsWith(".caseless") ? value.toLowerCase(Locale.ROOT) : value;
    }

    private static final class Parser extends QueryParser {
        Parser(Analyzer analyzer) {
            super("", analyzer);
            setLowercaseExpandedTerms(false);
            setAllowLeadingWildcard(true);
        }

        @Override
        protected Query getFieldQuery(String field, String text, boolean quoted) throws ParseException {
            return super.getFieldQuery(field, kept(field, text), quoted);
        }

        @Override
        protected Query getWildcardQuery(String field, String text) throws ParseException {
            return super.getWildcardQuery(field, kept(field, text));
        }

        /** What has to be absent only is sought among all events, as Elasticsearch does. */
        @Override
        protected Query getBooleanQuery(List<BooleanClause> clauses, boolean disableCoord) throws ParseException {
            var all = new ArrayList<>(clauses);
            if (!all.isEmpty() && all.stream().allMatch(BooleanClause::isProhibited)) {
                all.add(new BooleanClause(new MatchAllDocsQuery(), BooleanClause.Occur.MUST));
            }
            return super.getBooleanQuery(all, disableCoord);
        }

        @Override
        protected Query getPrefixQuery(String field, String text) throws ParseException {
            return super.getPrefixQuery(field, kept(field, text));
        }
    }

    public static void main(String[] arguments) throws Exception {
        folds = arguments.length > 0;
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var queries = new ArrayList<String>();
        for (int left = Integer.parseInt(lines.readLine()); left > 0; left--) {
            queries.add(lines.readLine());
        }
        var directory = new RAMDirectory();
        try (var writer = new IndexWriter(directory, new IndexWriterConfig(Version.LATEST, new KeywordAnalyzer()))) {
            for (String event : (Iterable<String>) lines.lines()::iterator) {
                var document = new Document();
                String[] parts = event.split(BETWEEN, -1);
                for (int at = 0; at + 1 < parts.length; at += 2) {
                    document.add(new StringField(parts[at], kept(parts[at], parts[at + 1]), Field.Store.NO));
                }
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
        var searcher = new IndexSearcher(DirectoryReader.open(directory));
        int all = Math.max(1, searcher.getIndexReader().maxDoc());
        for (String query : queries) {
            var found = new StringBuilder("found");
            for (var hit : searcher.search(new Parser(new KeywordAnalyzer()).parse(query), all).scoreDocs) {
                found.append(' ').append(hit.doc);
            }
            System.out.println(found);
        }
    }
}
