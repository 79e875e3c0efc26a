def test_x(tomsk, orenburg, people): assert tomsk.in_force and not orenburg.in_force; assert people["municipal"].municipality
def test_y(tomsk, people, client_of): pass
def test_z(orenburg): assert orenburg.in_force
def test_own(own_database):
    from reserve_portal.accounts.models import User
    assert User.objects.count()==0
    print(own_database)
def test_own2(own_database): pass
