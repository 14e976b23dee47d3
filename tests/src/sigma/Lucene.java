import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.CharacterRunAutomaton;
import org.apache.lucene.util.automaton.RegExp;

/** Reads a number, so many expressions, and texts, each on a line; writes for each expression the texts it matches. */
public final class Lucene {
    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var automata = new ArrayList<CharacterRunAutomaton>();
        for (int left = Integer.parseInt(lines.readLine()); left > 0; left--) {
            automata.add(new CharacterRunAutomaton(new RegExp(lines.readLine()).toAutomaton()));
        }
        List<String> texts = lines.lines().toList();
        for (CharacterRunAutomaton automaton : automata) {
            var matched = new StringBuilder().append(automaton.getSize());
            for (int number = 0; number < texts.size(); number++) {
                if (automaton.run(texts.get(number))) {
                    matched.append(' ').append(number);
                }
            }
            System.out.println(matched);
        }
    }
}
