from support.browser import NARROW, visit
def test_tmp_a_b(crowd, enter_crowd):
    ana = enter_crowd("ana", NARROW, "dark")
    visit(ana, f"/catalog/people/{crowd.made['hostile_person']}")
    print(ana.evaluate("""() => { const out=[]; const w=()=>document.documentElement.scrollWidth;
      const walk=(e)=>{ for(const c of [...e.children]){ const d=c.style.display; c.style.display='none'; const now=w(); c.style.display=d; if(now<=320){ out.push(c.tagName+'.'+c.className+': '+c.textContent.trim().slice(0,60)); walk(c); return; } } };
      walk(document.body); return out; }"""))
